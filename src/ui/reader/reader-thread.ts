import { Worker } from 'node:worker_threads'
import { heapLimits } from '../../base/threads/heap-limits.js'
import type { QuestionName } from '../http/route.js'
import { json, type Answered } from './answered.js'
import type { ReaderOptions } from './reader.js'
import { answeredIn, type Asked, type Forgotten, type ReaderAction } from './messages.js'
import { refusal } from './trouble.js'

/**
 * Reads a project on a separate thread. An answer that takes too long, needs too much memory or never arrives ends the
 * thread, and the next question starts a new one. A new thread also picks up changed code.
 */
export interface ReaderThread {
  question(name: QuestionName, query: string): Promise<Answered>
  action(name: ReaderAction, body: string): Promise<Answered>
  /** Something has changed and must be read again. */
  forget(what: Forgotten): void
  /** Code has changed: the old thread finishes its pending answers, and a new one takes over. */
  renew(): void
  close(): Promise<void>
}

interface Open {
  readonly asked: Asked
  readonly tell: (answered: Answered) => void
}

interface Running {
  readonly worker: Worker
  readonly open: Map<number, Open>
  /** It gets no further requests. */
  retired: boolean
}

/** `file`: the module that the thread runs. `patience`: milliseconds for one answer. */
export const readerThread = (file: string, options: ReaderOptions, patience: number): ReaderThread => {
  let running: Running | undefined
  let next = 0
  const end = (one: Running, why: Answered): void => {
    if (running === one) running = undefined
    for (const { tell } of one.open.values()) tell(why)
    one.open.clear()
    void one.worker.terminate()
  }
  /** Gives up an answer together with its thread. Requests queued behind it are sent again, to a new thread. */
  const giveUp = (one: Running, id: number): void => {
    const slow = one.open.get(id)
    one.open.delete(id)
    const others = [...one.open]
    one.open.clear()
    end(one, tooSlow(patience))
    slow?.tell(tooSlow(patience))
    for (const [other, open] of others) send(other, open)
  }
  const start = (): Running => {
    const worker = new Worker(file, {
      workerData: options,
      stdout: true, // discards what a project prints while it loads
      resourceLimits: heapLimits(),
    })
    worker.unref()
    worker.stdout.resume()
    const one: Running = { worker, open: new Map(), retired: false }
    worker.on('message', (sent: unknown) => {
      const answered = answeredIn(sent)
      if (answered === undefined) return
      one.open.get(answered.id)?.tell(answered)
      one.open.delete(answered.id)
      if (one.retired && one.open.size === 0) void worker.terminate()
    })
    worker.on('error', (problem: unknown) => end(one, died(problem)))
    worker.on('exit', () => end(one, died(undefined)))
    return one
  }
  const send = (id: number, { asked, tell }: Open): void => {
    const one = (running ??= start())
    const timer = setTimeout(() => giveUp(one, id), patience)
    one.open.set(id, {
      asked,
      tell: (answered) => {
        clearTimeout(timer)
        tell(answered)
      },
    })
    one.worker.postMessage(asked)
  }
  const ask = (asked: (id: number) => Asked): Promise<Answered> =>
    new Promise((resolve) => {
      const id = next++
      send(id, { asked: asked(id), tell: resolve })
    })
  return {
    question: (name, query) => ask((id) => ({ id, name, query })),
    action: (name, body) => ask((id) => ({ id, action: name, body })),
    forget: (what) => running?.worker.postMessage({ forget: what } satisfies Asked),
    renew: () => {
      if (running === undefined) return
      running.retired = true
      if (running.open.size === 0) void running.worker.terminate()
      running = undefined
    },
    close: async () => void (await running?.worker.terminate()),
  }
}

const tooSlow = (patience: number): Answered =>
  answer(504, 'TooSlow', `no answer within ${Math.round(patience / 1000)} s; it was given up`)

const died = (problem: unknown): Answered =>
  problem instanceof Error && 'code' in problem && problem.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? answer(504, 'TooLarge', 'it needs more memory than is available; it was given up')
    : answer(
        503,
        'ReaderEnded',
        `the thread that reads the project has ended${problem instanceof Error ? `: ${problem.message}` : ''}`,
      )

const answer = (status: 503 | 504, tag: string, message: string): Answered =>
  json(status, refusal(status, tag, message).failure)
