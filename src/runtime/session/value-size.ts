import { types } from 'node:util'
import { itemAt } from '../../base/present.js'

/** Estimated bytes of a value: on the engine's heap, and outside of it (buffers). */
export interface ValueSize {
  readonly heap: number
  readonly outside: number
}

/** Number of parts that are visited; longer lists are sampled, and the rest is assumed to be similar. */
const maxLooked = 2000
const maxOfOne = 50

const perValue = 8
const perObject = 32
const perEntry = 16

/**
 * Estimates the memory that a value holds, in bounded time: parts of large lists are sampled, shared parts count once,
 * no getter and no proxy is touched. The contents of closures and private fields are not seen.
 */
export const sizeOfValue = (value: unknown): ValueSize => {
  const seen = new Set<object>()
  let heap = 0
  let outside = 0
  let left = maxLooked
  const waiting: { readonly part: unknown; readonly times: number }[] = [{ part: value, times: 1 }]
  const addAll = (parts: readonly unknown[], total: number, times: number): void => {
    const factor = parts.length === 0 ? 0 : (times * total) / parts.length
    for (const part of parts) {
      if (typeof part === 'string') heap += factor * (16 + part.length)
      else if ((typeof part === 'object' && part !== null) || typeof part === 'function')
        waiting.push({ part, times: factor })
    }
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { part, times } = next
    if (typeof part === 'string') heap += times * (16 + part.length)
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null || seen.has(part)) {
      heap += perValue
      continue
    }
    seen.add(part)
    heap += times * perObject
    if (types.isProxy(part)) continue
    if (ArrayBuffer.isView(part) || types.isAnyArrayBuffer(part)) {
      const buffer = ArrayBuffer.isView(part) ? part.buffer : part
      if (buffer === part || !seen.has(buffer)) outside += times * buffer.byteLength
      seen.add(buffer)
      continue
    }
    if (left <= 0) {
      heap += times * perObject
      continue
    }
    const { parts, total, each } = partsOf(part)
    left -= parts.length
    heap += times * total * each
    addAll(parts, total, times)
  }
  return { heap: Math.round(heap), outside: Math.round(outside) }
}

/** Some of an object's parts, evenly spaced, and the number of all. */
const partsOf = (
  value: object,
): { readonly parts: readonly unknown[]; readonly total: number; readonly each: number } => {
  if (Array.isArray(value))
    return { parts: sampled(value.length, (index) => dataAt(value, index)), total: value.length, each: perValue }
  if (value instanceof Map)
    return { parts: taken(value.entries(), value.size).flat(), total: 2 * value.size, each: perEntry }
  if (value instanceof Set) return { parts: taken(value.values(), value.size), total: value.size, each: perEntry }
  const names = Object.getOwnPropertyNames(value)
  return {
    parts: sampled(names.length, (index) => dataAt(value, itemAt(names, index))),
    total: names.length,
    each: perEntry,
  }
}

/** Reads no getter, which would run code of the value's own. */
const dataAt = (value: object, name: string | number): unknown => Object.getOwnPropertyDescriptor(value, name)?.value

const sampled = (total: number, partAt: (index: number) => unknown): readonly unknown[] => {
  const count = Math.min(total, maxOfOne)
  return Array.from({ length: count }, (_, index) => partAt(Math.floor((index * total) / count)))
}

const taken = <A>(values: Iterable<A>, size: number): readonly A[] => {
  const found: A[] = []
  for (const value of values) {
    if (found.length >= Math.min(size, maxOfOne)) break
    found.push(value)
  }
  return found
}
