import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import * as t from 'io-ts'
import type { Address } from '../../runtime/ports/artifact.js'
import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import type { Store } from '../../runtime/ports/store.js'
import { onAbort } from '../../runtime/session/on-abort.js'
import { lifeOf, processIdentity } from '../lease/process-identity.js'
import { memoryLeases } from '../memory-store/memory-lease.js'
import type { Bucket, Listed } from './bucket.js'
import { generationText, leasePrefix } from './contents/object-names.js'
import { lookAt } from './object-open.js'
import { pathOf, type ObjectParts } from './object-parts.js'

/**
 * Leases among processes that share a bucket: objects `x/<folder>/<key>/<number>`, put only if they do not exist; the
 * highest number holds. The holder rewrites its object periodically; a waiting process takes the next number if the
 * object has not changed for `limit`, by its own clock: clocks of different machines are never compared.
 */
export interface LeaseTimes {
  /** Milliseconds between heartbeats. */
  readonly every: number
  /** Milliseconds without a heartbeat after which a holder counts as dead. */
  readonly limit: number
  /** Milliseconds between checks of a waiting process. */
  readonly look: number
}

const Holder = t.type({
  host: t.string,
  pid: t.number,
  start: t.union([t.string, t.null]),
  thread: t.union([t.string, t.null]),
  space: t.string,
  id: t.string,
})
type Holder = t.TypeOf<typeof Holder>

export const objectLeases = (parts: ObjectParts, times: LeaseTimes): Store['lease'] =>
  leasing(parts, times, async (address, { token, holder }) => {
    parts.held.set(pathOf(address), { token, holder, state: await lookAt(parts, address, times.look) })
  })

/** The same for names without commits: items, and pushes. */
export const objectClaims = (parts: ObjectParts, times: LeaseTimes): Store['lease'] =>
  leasing(parts, times, async () => undefined)

const leasing = (
  parts: ObjectParts,
  times: LeaseTimes,
  taken: (address: Address, lease: Taken) => Promise<void>,
): Store['lease'] => {
  const local = memoryLeases()
  return async (address, { signal, waiting }) => {
    let isReported = false
    const tell = (holder: LeaseHolder): void => {
      if (!isReported) waiting(holder)
      isReported = true
    }
    const first = await local.acquire(address, { signal, waiting: () => tell({ host: hostname(), pid: process.pid }) })
    try {
      await parts.prepared()
      const lease = await take(parts.bucket, address, times, signal, tell)
      await taken(address, lease)
      return held(parts, address, lease, first, times)
    } catch (error) {
      await first.release()
      throw error
    }
  }
}

interface Taken {
  readonly token: number
  readonly holder: string
  readonly text: (beat: number) => Uint8Array
}

const me = (): Holder => {
  const { host, pid, start, thread, space, id } = processIdentity()
  return { host, pid, start, thread, space, id }
}

const take = async (
  bucket: Bucket,
  address: Address,
  times: LeaseTimes,
  signal: AbortSignal,
  tell: (holder: LeaseHolder) => void,
): Promise<Taken> => {
  const own = { ...me(), id: randomBytes(8).toString('hex') }
  const text = (beat: number): Uint8Array => Buffer.from(JSON.stringify({ schema: 1, ...own, beat }))
  for (let token = 1; ; ) {
    signal.throwIfAborted()
    const name = leasePrefix(address) + generationText(token)
    if ((await bucket.putNew(name, text(0))) !== undefined || (await holderIn(bucket, name))?.id === own.id)
      return { token, holder: own.id, text }
    const newest = await newestLease(bucket, address)
    // released meanwhile: start again
    token = newest === undefined ? 1 : await tokenAfter(bucket, newest, times, signal, tell)
  }
}

/** Waits until a lease is free or its holder is dead; resolves with the number to try next. */
const tokenAfter = async (
  bucket: Bucket,
  seen: Listed,
  { limit, look }: LeaseTimes,
  signal: AbortSignal,
  tell: (holder: LeaseHolder) => void,
): Promise<number> => {
  const number = Number(seen.name.slice(seen.name.lastIndexOf('/') + 1))
  const prefix = seen.name.slice(0, seen.name.lastIndexOf('/') + 1)
  let tag = seen.tag
  let since = performance.now()
  for (;;) {
    const holder = await holderIn(bucket, seen.name)
    if (holder !== undefined) {
      if (lifeOf(holder, processIdentity()) === 'dead') return number + 1
      tell({ host: holder.host, pid: holder.pid })
    }
    await wait(look * (0.5 + Math.random()), signal)
    const newest = (await bucket.list(prefix))?.at(-1)
    if (newest === undefined) return 1
    if (newest.name !== seen.name) return tokenAfter(bucket, newest, { every: 0, limit, look }, signal, tell)
    if (newest.tag !== tag) {
      tag = newest.tag
      since = performance.now()
    } else if (performance.now() - since > limit) return number + 1
  }
}

const held = (
  { bucket, held: all }: ObjectParts,
  address: Address,
  { token, text }: Taken,
  first: Lease,
  { every, limit }: LeaseTimes,
): Lease => {
  const name = leasePrefix(address) + generationText(token)
  let beat = 0
  let last = performance.now()
  let writing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    // after this long it is no longer the holder, and must not write a name that may belong to another
    if (performance.now() - last > limit) return clearInterval(timer)
    writing = bucket.put(name, text(++beat)).then(
      () => (last = performance.now()),
      () => undefined,
    )
  }, every)
  timer.unref()
  let released: Promise<void> | undefined
  const release = async (): Promise<void> => {
    clearInterval(timer)
    all.delete(pathOf(address))
    await writing
    // a lease that cannot be removed is taken over once it has been silent for long enough
    if (performance.now() - last <= limit) await bucket.remove([name, ...below(address, token)]).catch(() => undefined)
    await first.release()
  }
  return { release: () => (released ??= release()) }
}

/** Names of the leases that this one has replaced. */
const below = (address: Address, token: number): readonly string[] =>
  Array.from({ length: Math.min(token - 1, 10) }, (_, at) => leasePrefix(address) + generationText(token - 1 - at))

export const newestLease = async (
  bucket: Bucket,
  address: Pick<Address, 'folder' | 'key'>,
): Promise<Listed | undefined> => (await bucket.list(leasePrefix(address)))?.at(-1)

/** The holder recorded in a lease. */
export const holderIn = async (bucket: Bucket, name: string): Promise<Holder | undefined> => {
  const bytes = await bucket.get(name)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return Holder.is(value) ? value : undefined
  } catch {
    return undefined
  }
}

const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      forget()
      resolve()
    }, milliseconds)
    const forget = onAbort(signal, () => {
      clearTimeout(timer)
      reject(signal.reason as Error) // passed on unchanged
    })
  })
