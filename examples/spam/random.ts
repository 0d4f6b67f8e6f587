import { createHash } from 'node:crypto'

/** A number from 0 to 1 that depends on nothing but the words: the same everywhere, whatever comes before it. */
export const chance = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE() / 2 ** 32
