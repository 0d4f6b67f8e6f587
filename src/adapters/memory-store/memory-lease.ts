import type { Address } from '../../runtime/ports/artifact.js'
import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import { onAbort } from '../../runtime/session/on-abort.js'
import { checkAddress } from '../file-store/safe-path.js'

/** Leases within this process, first come, first served. */
export interface MemoryLeases {
  acquire(
    address: Address,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  holder(address: Address): LeaseHolder | undefined
}

export const memoryLeases = (): MemoryLeases => {
  /** Waiting callers by path. */
  const queues = new Map<string, (() => void)[]>()

  const release = (path: string): void => {
    const next = queues.get(path)?.shift()
    if (next === undefined) queues.delete(path)
    else next()
  }

  return {
    acquire: async (address, { signal, waiting }) => {
      checkAddress(address)
      const path = `${address.folder}/${address.key}`
      signal.throwIfAborted()
      const queue = queues.get(path)
      if (queue === undefined) queues.set(path, [])
      else {
        waiting(thisProcess)
        signal.throwIfAborted()
        await turnIn(queue, signal)
      }
      return releasedOnce(() => release(path))
    },
    holder: (address) => {
      checkAddress(address)
      return queues.has(`${address.folder}/${address.key}`) ? thisProcess : undefined
    },
  }
}

export const thisProcess: LeaseHolder = { host: 'this process', pid: process.pid }

/** A lease whose release takes effect once. */
export const releasedOnce = (release: () => void): Lease => {
  let released = false
  return {
    release: async () => {
      if (!released) release()
      released = true
    },
  }
}

const turnIn = (queue: (() => void)[], signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const mine = (): void => {
      forget()
      resolve()
    }
    const stop = (): void => {
      queue.splice(queue.indexOf(mine), 1)
      reject(signal.reason)
    }
    queue.push(mine)
    const forget = onAbort(signal, stop)
  })
