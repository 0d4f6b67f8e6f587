import { lutimes } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { noBeat } from './lease-owner.js'

/**
 * Touches files at intervals from a separate thread, so that a computation that blocks this thread for minutes does not
 * look dead to other hosts.
 * One thread serves all stores of a process; it starts with the first file and does not keep the process alive.
 */

/** How a file is touched. */
export interface Beat {
  readonly path: string
  /** Milliseconds between two touches. */
  readonly every: number
  /**
   * Content of the file before the first beat: it is rewritten in place with the count of beats, so that each beat is
   * visible whatever the clocks say. Undefined: only the file's times are set, since the path may belong to another
   * holder by now.
   */
  readonly content: string | undefined
}

/**
 * Starts touching a file; the returned function stops it. A file that is gone is not recreated, and failures are not
 * reported: a missed beat does no harm.
 */
export const beating = (beat: Beat): (() => void) => {
  const id = ++count
  post({ id, beat })
  return () => post({ id })
}

type Message = { readonly id: number; readonly beat?: Beat }

let count = 0
let post = (message: Message): void => {
  post = startThread()
  post(message)
}

/** Text, not a function: loaders and bundlers may rewrite a function to use helpers that the thread does not have. */
const threadSource = `
const fs = require('node:fs')
const timers = new Map()
const noBeat = ${JSON.stringify(noBeat)}
const write = ({ path, content }, count) => {
  // a link in its place leads elsewhere
  const { O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  const descriptor = fs.openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  try {
    fs.writeSync(descriptor, content.replace(noBeat, noBeat.replace(/0+/, String(count).padStart(12, '0'))), 0)
  } finally { fs.closeSync(descriptor) }
}
const touch = (beat) => {
  try {
    if (beat.content !== undefined) return write(beat, beat.count = (beat.count || 0) + 1)
  } catch (error) {
    if (error.code === 'ENOENT') return // else a disk that is full to the last block: its times can still be set
  }
  try { fs.lutimesSync(beat.path, Date.now() / 1000, Date.now() / 1000) } catch {}
}
require('node:worker_threads').parentPort.on('message', ({ id, beat }) => {
  clearInterval(timers.get(id))
  timers.delete(id)
  if (beat !== undefined) timers.set(id, setInterval(touch, beat.every, beat))
})`

const startThread = (): ((message: Message) => void) => {
  const live = new Map<number, Beat>()
  let deliver: (message: Message) => void = () => undefined
  const withoutThread = (): void => {
    deliver = inThisThread()
    for (const [id, beat] of live) deliver({ id, beat })
  }
  try {
    // No flags or environment of this process: loaders and inspectors do not belong in the thread. Small limits, since
    // it holds almost no data.
    const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }
    const worker = new Worker(threadSource, {
      eval: true,
      execArgv: [],
      env: {},
      name: 'taskchain heartbeat',
      resourceLimits: limits,
    })
    worker.once('error', withoutThread)
    worker.unref()
    deliver = (message) => worker.postMessage(message)
  } catch {
    withoutThread()
  }
  return (message) => {
    if (message.beat === undefined) live.delete(message.id)
    else live.set(message.id, message.beat)
    deliver(message)
  }
}

/**
 * Fallback if no thread can be started (no permission, too many threads): correct as long as nothing blocks this one.
 */
const inThisThread = (): ((message: Message) => void) => {
  const timers = new Map<number, NodeJS.Timeout>()
  return ({ id, beat }) => {
    clearInterval(timers.get(id))
    timers.delete(id)
    if (beat !== undefined)
      timers.set(
        id,
        setInterval(
          () => lutimes(beat.path, Date.now() / 1000, Date.now() / 1000, () => undefined),
          beat.every,
        ).unref(),
      )
  }
}
