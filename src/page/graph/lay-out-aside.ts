import { layOut } from '../layout/lay-out.js'
import type { LayoutAnswer, LayoutRequest } from '../layout/layout-types.js'
import { source } from '../state/page-state.js'

/** Lays out in a worker; on this thread in a report, which is a single file, and if no worker can start. */
export const layOutAside = (request: LayoutRequest): Promise<LayoutAnswer> => {
  const there = source.live ? workerHere() : undefined
  return there === undefined ? Promise.resolve().then(() => layOut(request)) : there(request)
}

type Ask = (request: LayoutRequest) => Promise<LayoutAnswer>
let started: Ask | undefined

const workerHere = (): Ask => {
  started ??= startWorker()
  return started
}

const startWorker = (): Ask => {
  const waiting = new Map<number, { readonly request: LayoutRequest; readonly done: (answer: LayoutAnswer) => void }>()
  let number = 0
  let broken = false
  const worker = new Worker('layout-worker.js', { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<{ readonly number: number; readonly answer: LayoutAnswer }>) => {
    waiting.get(data.number)?.done(data.answer)
    waiting.delete(data.number)
  }
  worker.onerror = () => {
    broken = true
    for (const { request, done } of waiting.values()) done(layOut(request))
    waiting.clear()
  }
  return (request) =>
    broken
      ? Promise.resolve(layOut(request))
      : new Promise((done) => {
          number += 1
          waiting.set(number, { request, done })
          worker.postMessage({ number, request })
        })
}
