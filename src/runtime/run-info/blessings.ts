import { readJsonText } from '../../declare/codec/guarded.js'
import type { Blessing } from '../ports/facts.js'
import { blessingCodec, blessingSchema } from './facts-codec.js'

/** Blessings as lines of JSON. */

/** The text of blessings: it starts with a line end, since a killed process may have left an incomplete line. */
export const blessingLines = (blessings: readonly Blessing[]): string =>
  `\n${blessings.map((blessing) => JSON.stringify({ schema: blessingSchema, ...blessing })).join('\n')}\n`

/** Blessings in a text; lines that are torn or not ours are left out. */
export const blessingsIn = (text: string): readonly Blessing[] =>
  text.split('\n').flatMap((line) => {
    const blessing = line === '' ? undefined : readJsonText(blessingCodec, line)
    return blessing === undefined ? [] : [blessing]
  })
