import { createHash } from 'node:crypto'

/** A number from 0 to 1 that depends only on the words: the same on every machine, whatever the order of calls. */
export const chance = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE() / 2 ** 32
