import { entryOf, placeOf } from './catalog-line.js'
import { inOrder, type Hashed } from './sorted-index.js'

/** Says by which stamp a file of the store is known now; undefined where there is none. */
export type StampNow = (folder: string, key: string) => string | undefined

/**
 * Merges entries that are sorted in each source. No clock says which of two entries of one folder and key is later:
 * the one that the file's stamp of now is in, and where that is in none, none is kept. `whole`: every entry is held
 * against its file, so that those of files that are gone are dropped.
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

/** Of entries of the same hashes those that are kept: almost always of one place. */
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

/** Entries of equal hashes together, in order. */
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
