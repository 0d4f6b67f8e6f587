import { entryOf, placeOf } from './catalog-line.js'
import { inOrder, type Hashed } from './sorted-index.js'

/** Returns the present stamp of a file of the store; undefined if it does not exist. */
export type StampNow = (folder: string, key: string) => string | undefined

/**
 * Merges entries that are sorted in each source. No clock decides which of two entries of one folder and key is later:
 * the one with the present stamp of the file is kept, or none if there is no such entry. `whole`: every entry is
 * compared with its file, so that entries of removed files are dropped.
 */
export function* merged(
  sources: readonly Iterator<Hashed>[],
  stampNow: StampNow,
  whole: boolean,
): Generator<Hashed, void> {
  for (const entries of inGroups(sources)) {
    const [first] = entries
    if (first === undefined) continue
    if (entries.length === 1 && !whole) yield first
    else yield* current(entries, stampNow, whole)
  }
}

/** Entries to keep among those with the same hashes, which almost always have the same folder and key. */
function* current(entries: readonly Hashed[], stampNow: StampNow, whole: boolean): Generator<Hashed, void> {
  const places = new Map<string, Map<string, Hashed>>()
  for (const entry of entries) {
    const read = entryOf(entry.text)
    if (read === undefined) continue
    const place = placeOf(entry.text)
    places.set(place, (places.get(place) ?? new Map<string, Hashed>()).set(read.stamp, entry))
  }
  for (const [place, stamps] of places) {
    const [folder = '', key = ''] = place.split('\t')
    const isSure = stamps.size === 1 && !whole
    const kept = isSure ? [...stamps.values()][0] : stamps.get(stampNow(folder, key) ?? '')
    if (kept !== undefined) yield kept
  }
}

/** Groups entries with equal hashes, in order. */
function* inGroups(sources: readonly Iterator<Hashed>[]): Generator<readonly Hashed[], void> {
  const heads = sources.map((source) => source.next())
  for (;;) {
    let least: Hashed | undefined
    for (const { done, value } of heads)
      if (done !== true && (least === undefined || inOrder(value, least) < 0)) least = value
    if (least === undefined) return
    const group: Hashed[] = []
    for (const [at, source] of sources.entries()) {
      for (let head = heads[at]; head !== undefined && head.done !== true; head = heads[at]) {
        if (inOrder(head.value, least) !== 0) break
        group.push(head.value)
        heads[at] = source.next()
      }
    }
    yield group
  }
}
