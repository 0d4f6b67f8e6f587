import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { filesBelow, filesMatching, type FoundEntry } from '../../adapters/project/find-files.js'

/** Something that a round has read: `text` is small and compared by content, other kinds by names, sizes and times. */
export const WatchedCodec = t.type({
  path: t.string,
  kind: t.keyof({ text: null, file: null, folder: null, glob: null }),
})
export interface Watched extends t.TypeOf<typeof WatchedCodec> {}

/** The observed state of something watched: `stat` decides whether it must be read again. */
export interface Seen {
  readonly stat: string
  readonly content: string
  /** Milliseconds since 1970. */
  readonly changed: number
}

/** The observed state of everything watched, by kind and path. */
export type Look = ReadonlyMap<string, Seen>

/** Looks at everything once; files with unchanged times and sizes are not read again. Never throws. */
export const look = (watched: readonly Watched[], root: string, before: Look = new Map()): Look =>
  new Map(
    watched.map((one) => {
      const key = keyOf(one)
      return [key, seenOf(one, root, before.get(key))]
    }),
  )

/** Paths that differ from the previous look; a file not seen before has changed if it is newer than `since`. */
export const changesBetween = (
  before: Look,
  after: Look,
  watched: readonly Watched[],
  since: number,
): readonly string[] => [
  ...new Set(
    watched.flatMap((one) => {
      const [then, now] = [before.get(keyOf(one)), after.get(keyOf(one))]
      if (now === undefined) return []
      return (then === undefined ? now.changed > since : then.content !== now.content) ? [one.path] : []
    }),
  ),
]

/** Identifies something watched. */
export const keyOf = ({ kind, path }: Watched): string => `${kind} ${path}`

const absent: Seen = { stat: 'absent', content: 'absent', changed: 0 }

const seenOf = ({ kind, path }: Watched, root: string, before: Seen | undefined): Seen => {
  try {
    if (kind === 'folder') return seenOfMany(filesBelow(nodeFs, path))
    if (kind === 'glob') return seenOfMany(filesMatching(nodeFs, root, path))
    const { mtimeNs, ctimeMs, size, ino } = nodeFs.statSync(path, { bigint: true })
    const stat = `${mtimeNs} ${size} ${ino}`
    if (before?.stat === stat) return before
    return { stat, content: kind === 'file' ? stat : hashOf(nodeFs.readFileSync(path)), changed: Number(ctimeMs) }
  } catch {
    return absent // it may become readable later
  }
}

const seenOfMany = (entries: readonly FoundEntry[]): Seen => {
  const stat = hashOf(entries.map(({ path, file }) => `${path}\0${file?.state ?? ''}`).join('\0'))
  const changed = entries.reduce((latest, { file }) => Math.max(latest, file?.changed ?? 0), 0)
  return { stat, content: stat, changed }
}

const hashOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
