import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Bucket } from '../../src/adapters/object-store/bucket.js'

/** Objects in a map, with a count of what was asked: what the store of objects does, without a service. */
export interface MapBucket extends Bucket {
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly modified: number }>
  /** Names of the methods called, in order. */
  readonly calls: string[]
  /** Called before each; what it throws is thrown. */
  before: (method: string, name: string) => void | Promise<void>
}

export const mapBucket = ({ conditional = true } = {}): MapBucket => {
  const objects: MapBucket['objects'] = new Map()
  const tagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
  const put = (name: string, bytes: Uint8Array): string => {
    objects.set(name, { bytes: Uint8Array.from(bytes), modified: Date.now() })
    return tagOf(bytes)
  }
  const called = async (method: string, name: string): Promise<void> => {
    bucket.calls.push(method)
    await bucket.before(method, name)
  }
  const bucket: MapBucket = {
    location: 's3://map/tasks',
    objects,
    calls: [],
    before: () => undefined,
    list: async (prefix, most = Infinity, between) => {
      await called('list', prefix)
      const isIn = (name: string): boolean =>
        name.startsWith(prefix) && (between === undefined || (name > between.after && name < between.before))
      const found = [...objects].filter(([name]) => isIn(name))
      if (found.length > most) return undefined
      return found
        .map(([name, { bytes, modified }]) => ({ name, size: bytes.length, tag: tagOf(bytes), modified }))
        .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    },
    get: async (name, range) => {
      await called('get', name)
      const { from, size } = range ?? { from: 0, size: Infinity }
      return objects.get(name)?.bytes.slice(from, from + size)
    },
    stream: async function* (name) {
      await called('stream', name)
      const bytes = objects.get(name)?.bytes ?? new Uint8Array()
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.slice(at, at + 100_000)
    },
    put: async (name, bytes) => (await called('put', name), put(name, bytes)),
    putNew: async (name, bytes) => {
      await called('putNew', name)
      return conditional && objects.has(name) ? undefined : put(name, bytes)
    },
    putFile: async (name, path) => (await called('putFile', name), void put(name, readFileSync(path))),
    copy: async (from, to) => {
      await called('copy', from)
      const object = objects.get(from)
      if (object !== undefined) objects.set(to, object)
    },
    remove: async (names) => {
      await called('remove', names[0] ?? '')
      for (const name of names) objects.delete(name)
    },
  }
  return bucket
}
