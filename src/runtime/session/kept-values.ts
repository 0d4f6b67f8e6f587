import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Content } from './content.js'
import type { Reading } from './reading-types.js'
import { sizeOfValue } from './value-size.js'

/** A value that a session keeps, and the readings behind it. */
export interface KeptValue {
  readonly value: unknown
  readonly content: Content
  readonly readings: readonly Reading[]
}

/** How much is kept in memory. */
export interface MemoryUse {
  readonly values: number
  /** Estimated. */
  readonly bytes: number
  readonly limit: number
}

/** A value that was dropped to make room for others. */
export interface Evicted {
  readonly node: string
  readonly key: string
  readonly bytes: number
}

/** Values that stay while a session is open, by key. */
export interface KeptValues {
  has(key: string): boolean
  /**
   * The value, which becomes the most recently used one; undefined if there is none, or if an artifact behind it is
   * known to be damaged.
   */
  get(key: string): KeptValue | undefined
  /** Keeps a value. If all of them exceed the limit, the least recently used ones are dropped and returned. */
  keep(node: { readonly id: string; readonly key: string }, kept: KeptValue): readonly Evicted[]
  delete(key: string): void
  clear(): void
  use(): MemoryUse
}

interface Entry extends KeptValue {
  readonly node: string
  readonly heap: number
  readonly bytes: number
}

/** `isTight`: the process runs out of memory, whatever the estimated sizes are; then only the newest value stays. */
export const makeKeptValues = (limit: number = defaultLimit(), isTight: () => boolean = isHeapTight): KeptValues => {
  // beyond this the engine itself would end the process
  const heapLimit = Math.min(limit, (heapMost ??= getHeapStatistics().heap_size_limit) / 2)
  const entries = new Map<string, Entry>() // least recently used first
  let bytes = 0
  let heap = 0

  const remove = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    bytes -= entry.bytes
    heap -= entry.heap
    return entry
  }
  const add = (key: string, entry: Entry): void => {
    entries.set(key, entry)
    bytes += entry.bytes
    heap += entry.heap
  }
  const isWhole = ({ readings }: KeptValue): boolean => readings.every((reading) => reading.damage() === undefined)

  return {
    has: (key) => {
      const entry = entries.get(key)
      return entry !== undefined && isWhole(entry)
    },
    get: (key) => {
      const entry = remove(key)
      if (entry === undefined || !isWhole(entry)) return undefined
      add(key, entry)
      return entry
    },
    keep: ({ id, key }, { value, content, readings }) => {
      remove(key)
      const size = sizeOfValue(value)
      const entry = { node: id, value, content, readings, heap: size.heap, bytes: size.heap + size.outside }
      if (entry.bytes > limit || entry.heap > heapLimit) return [{ node: id, key, bytes: entry.bytes }]
      add(key, entry)
      const isShort = isTight()
      const evicted: Evicted[] = []
      for (const oldest of entries.keys()) {
        if (bytes <= limit && heap <= heapLimit && !isShort) break
        if (oldest === key) break
        const gone = remove(oldest)
        if (gone !== undefined) evicted.push({ node: gone.node, key: oldest, bytes: gone.bytes })
      }
      return evicted
    },
    delete: (key) => void remove(key),
    clear: () => {
      entries.clear()
      bytes = 0
      heap = 0
    },
    use: () => ({ values: entries.size, bytes, limit }),
  }
}

/** It does not change while a process lives. */
let heapMost: number | undefined

/** Estimates do not include the contents of private fields and closures. */
const isHeapTight = (): boolean => {
  const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics()
  return used > 0.75 * (most - youngMost)
}

/**
 * The space for new objects: part of the engine's limit, but not available to old ones. 192 MiB as of Node 24, 48
 * before.
 */
const youngMost = (Number.parseInt(process.versions.node, 10) >= 24 ? 192 : 64) * 2 ** 20

/** A quarter of the memory of the machine or container. */
const defaultLimit = (): number => Math.floor(machineMemory() / 4)

let memory: number | undefined

/** Bytes of memory of the machine, or the limit of its container; queried once. */
export const machineMemory = (): number => (memory ??= memoryNow())

const memoryNow = (): number => {
  // undefined, 0 or more than the total if there is no limit
  const allowed: number | undefined = process.constrainedMemory()
  return allowed === undefined || allowed <= 0 ? totalmem() : Math.min(allowed, totalmem())
}
