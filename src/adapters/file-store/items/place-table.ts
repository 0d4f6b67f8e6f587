import { keyTable } from '../../../base/items/key-table.js'
import type { ItemKind } from '../../../runtime/ports/items.js'
import { isNewer } from './item-line.js'

/**
 * Positions of the lines of keys: about 60 bytes per line. The places of a key form a chain, the current one first.
 */

export interface Place {
  readonly kind: ItemKind
  readonly at: number
  /** Number of the segment. */
  readonly segment: number
  readonly offset: number
  readonly length: number
}

export interface PlaceTable {
  readonly add: (key: string, place: Place) => void
  /** The current line of a key. */
  readonly best: (key: string) => Place | undefined
  /** All lines of a key, the current one first. */
  readonly of: (key: string) => Iterable<Place>
  /** Keys in the order of first appearance; with `kind`, those whose current line is of that kind. */
  readonly keys: (kind?: ItemKind) => Iterable<string>
  /** Number of lines. */
  readonly size: () => number
}

const kinds: readonly ItemKind[] = ['kept', 'failed', 'refused', 'batch', 'asked', 'gone', 'sum']
const none = -1

const columns = (capacity: number) => ({
  /** By key: its current line. */
  head: new Int32Array(capacity).fill(none),
  kind: new Uint8Array(capacity),
  at: new Float64Array(capacity),
  segment: new Uint32Array(capacity),
  offset: new Float64Array(capacity),
  length: new Uint32Array(capacity),
  next: new Int32Array(capacity),
})

export const placeTable = (): PlaceTable => {
  const keys = keyTable()
  let capacity = 1024
  let table = columns(capacity)
  let size = 0

  const grow = (): void => {
    capacity *= 2
    const before = table
    table = columns(capacity)
    for (const name of Object.keys(before) as (keyof typeof table)[]) table[name].set(before[name]) // its own names
  }
  const headOf = (key: string): number => {
    const number = keys.find(key)
    return number === none ? none : (table.head[number] ?? none)
  }
  const placeAt = (entry: number): Place => ({
    kind: kinds[table.kind[entry] ?? 0] ?? 'kept',
    at: table.at[entry] ?? 0,
    segment: table.segment[entry] ?? 0,
    offset: table.offset[entry] ?? 0,
    length: table.length[entry] ?? 0,
  })

  return {
    add: (key, place) => {
      if (size === capacity) grow()
      const number = keys.add(key)
      const before = table.head[number] ?? none
      const entry = size++
      table.kind[entry] = kinds.indexOf(place.kind)
      table.at[entry] = place.at
      table.segment[entry] = place.segment
      table.offset[entry] = place.offset
      table.length[entry] = place.length
      if (before === none || isNewer(place, placeAt(before))) {
        table.next[entry] = before
        table.head[number] = entry
      } else {
        table.next[entry] = table.next[before] ?? none
        table.next[before] = entry
      }
    },
    best: (key) => {
      const entry = headOf(key)
      return entry === none ? undefined : placeAt(entry)
    },
    *of(key) {
      for (let entry = headOf(key); entry !== none; entry = table.next[entry] ?? none) yield placeAt(entry)
    },
    *keys(kind) {
      for (let number = 0; number < keys.size(); number++)
        if (kind === undefined || kinds[table.kind[table.head[number] ?? 0] ?? 0] === kind) yield keys.keyAt(number)
    },
    size: () => size,
  }
}
