import { pushTo } from '../../../base/grouping.js'
import { keyTable } from '../../../base/items/key-table.js'
import { isHashKey } from '../../file-store/safe-path.js'
import type { Listed } from '../bucket.js'
import { packedAt, placesIn, type PackedPlace } from '../contents/commit-pack.js'
import type { Packed } from '../contents/object-names.js'

/** The content of a folder's packs, by key. Takes about 100 bytes per key: a folder may have a million of them. */
export interface PackTable {
  /** Adds a pack by the text of its index. */
  add(pack: Listed, index: string): void
  /** If several packs contain a key, all readers get them in the same order. */
  get(key: string): readonly Packed[]
  keys(): Iterable<string>
}

export const packTable = (folder: string): PackTable => {
  const rows = packRows(folder)
  const hashes = keyTable()
  const first: number[] = [] // row of each hash
  const further = new Map<string, number[]>() // rows of keys in several packs, and of keys that are no hashes
  const addRow = (key: string, row: number): void => {
    if (isHashKey(key) && hashes.add(key) === first.length) first.push(row)
    else pushTo(further, key, row)
  }
  return {
    add: (pack, index) => {
      for (const place of placesIn(pack, index)) addRow(place.key, rows.add(pack, place))
    },
    get: (key) => {
      const row = isHashKey(key) ? first[hashes.find(key)] : undefined
      const more = further.get(key) ?? []
      const found = (row === undefined ? more : [row, ...more]).flatMap((one) => rows.at(key, one))
      return found.length < 2 ? found : found.toSorted(byPack)
    },
    keys: function* () {
      for (let number = 0; number < first.length; number++) yield hashes.keyAt(number)
      for (const key of further.keys()) if (!isHashKey(key)) yield key
    },
  }
}

const byPack = (left: Packed, right: Packed): number =>
  left.commit.within.pack.name < right.commit.within.pack.name ? -1 : 1

/** Places in packs as columns of numbers. */
const packRows = (folder: string) => {
  const packs: Listed[] = []
  const names: string[] = [] // one for each combination of extensions
  const columns = { pack: [] as number[], name: [] as number[], from: [] as number[] }
  const sizes = { commit: [] as number[], log: [] as number[] }
  return {
    add: (pack: Listed, { name, from, size, logSize }: PackedPlace): number => {
      if (packs.at(-1) !== pack) packs.push(pack)
      const known = names.indexOf(name)
      columns.name.push(known < 0 ? names.push(name) - 1 : known)
      columns.from.push(from)
      sizes.commit.push(size)
      sizes.log.push(logSize)
      return columns.pack.push(packs.length - 1) - 1
    },
    at: (key: string, row: number): readonly Packed[] => {
      const pack = packs[columns.pack[row] ?? -1]
      if (pack === undefined) return []
      const place = { key, name: names[columns.name[row] ?? -1] ?? '', from: columns.from[row] ?? 0 }
      return [packedAt(folder, pack, { ...place, size: sizes.commit[row] ?? 0, logSize: sizes.log[row] ?? 0 })]
    },
  }
}
