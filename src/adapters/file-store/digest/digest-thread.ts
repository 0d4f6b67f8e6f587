import { clearTimeout, setTimeout } from 'node:timers' // not the globals: simulated browsers replace them
import { Worker } from 'node:worker_threads'
import { heapLimits } from '../../../base/threads/heap-limits.js'

/**
 * A thread that computes SHA-256 beside the writing of large values: started with the first, then kept for the process
 * without keeping it alive. Bytes reach it through a ring of shared memory, so that nothing of the user's is detached
 * and memory does not grow with the value. What cannot be digested there (no thread, one that has died) is digested by
 * the caller.
 */

/** One value that is being digested. Calls must not overlap. */
export interface ThreadDigest {
  /** Resolves when the bytes are copied: their memory may be reused. */
  readonly add: (bytes: Uint8Array) => Promise<void>
  /** 64 hex digits; undefined if the thread was lost: the value has to be digested again. */
  readonly end: () => Promise<string | undefined>
  /** The value is not needed any more. */
  readonly drop: () => void
}

const slotSize = 512 * 1024
const slots = 8

/** Source of the thread, not a module of its own: it has to start from any bundle, without a loader. */
const source = `
const { parentPort, workerData } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const digests = new Map()
parentPort.on('message', ({ id, slot, length, isLast }) => {
  if (isLast) {
    const digest = digests.get(id)
    digests.delete(id)
    parentPort.postMessage({ id, digest: (digest ?? createHash('sha256')).digest('hex') })
  } else if (length === undefined) digests.delete(id)
  else {
    let digest = digests.get(id)
    if (digest === undefined) digests.set(id, (digest = createHash('sha256')))
    digest.update(Buffer.from(workerData, slot * ${slotSize}, length))
    parentPort.postMessage({ slot })
  }
})
parentPort.postMessage({ isReady: true })
`

type FromThread =
  | { readonly isReady: true }
  | { readonly slot: number }
  | { readonly id: number; readonly digest: string }

interface Thread {
  readonly isReady: () => boolean
  readonly begin: () => ThreadDigest
}

/** How long a thread may take to start, in milliseconds. */
const longestStart = 5000
/** A process whose threads keep dying digests without one. */
const mostFailures = 3

let thread: Thread | undefined
let failures = 0

/** Starts the thread if there is none yet, for values that follow. */
export const startDigestThread = (): void => {
  if (failures < mostFailures) thread ??= started()
}

/** Begins a digest on the thread; undefined if none is running. `mayWait`: one that has yet to start will do. */
export const digestOnThread = (mayWait: boolean): ThreadDigest | undefined =>
  thread !== undefined && (mayWait || thread.isReady()) ? thread.begin() : undefined

const started = (): Thread | undefined => {
  const memory = new SharedArrayBuffer(slots * slotSize)
  try {
    return threadOver(
      new Worker(source, { eval: true, workerData: memory, execArgv: [], env: {}, resourceLimits: heapLimits(64) }),
      new Uint8Array(memory),
    )
  } catch {
    failures = mostFailures // not permitted, or no threads are left
    return undefined
  }
}

const threadOver = (worker: Worker, ring: Uint8Array): Thread => {
  const free = Array.from({ length: slots }, (_, slot) => slot)
  /** Of digests that wait for a slot; undefined: there will be none. */
  const waiting: ((slot: number | undefined) => void)[] = []
  const ends = new Map<number, (digest: string | undefined) => void>()
  let ids = 0
  let open = 0
  let isReady = false
  let isLost = false
  const lose = (): void => {
    if (isLost) return
    isLost = true
    clearTimeout(starting)
    failures++
    thread = undefined
    void worker.terminate()
    for (const give of waiting.splice(0)) give(undefined)
    for (const end of ends.values()) end(undefined)
    ends.clear()
  }
  const starting = setTimeout(lose, longestStart)
  starting.unref()
  worker.on('message', (said: FromThread) => {
    if ('slot' in said) {
      const next = waiting.shift()
      if (next === undefined) free.push(said.slot)
      else next(said.slot)
    } else if ('digest' in said) {
      ends.get(said.id)?.(said.digest)
      ends.delete(said.id)
    } else {
      isReady = true
      clearTimeout(starting)
    }
  })
  worker.on('error', lose)
  worker.on('exit', lose)
  worker.unref() // after the listeners, which hold it
  const hold = (change: 1 | -1): void => {
    open += change
    // a digest that is waited for keeps the process alive, the thread alone does not
    if (open === 0) worker.unref()
    else if (open === 1 && change === 1) worker.ref()
  }
  const begin = (): ThreadDigest => {
    const id = ids++
    let isOver = false
    const over = (): void => {
      if (!isOver) hold(-1)
      isOver = true
    }
    hold(1)
    return {
      add: async (bytes) => {
        for (let at = 0; at < bytes.length && !isLost; at += slotSize) {
          const slot = free.pop() ?? (await new Promise<number | undefined>((resolve) => void waiting.push(resolve)))
          if (slot === undefined) return
          const piece = bytes.subarray(at, at + slotSize)
          ring.set(piece, slot * slotSize)
          worker.postMessage({ id, slot, length: piece.length })
        }
      },
      end: async () => {
        try {
          if (isLost) return undefined
          return await new Promise<string | undefined>((resolve) => {
            ends.set(id, resolve)
            worker.postMessage({ id, isLast: true })
          })
        } finally {
          over()
        }
      },
      drop: () => {
        if (!isOver && !isLost) worker.postMessage({ id })
        over()
      },
    }
  }
  return { isReady: () => isReady, begin }
}
