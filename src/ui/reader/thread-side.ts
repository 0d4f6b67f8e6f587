import { parentPort, workerData } from 'node:worker_threads'
import { answerAction, answerQuestion } from '../answers/answer.js'
import { json, type Answered } from './answered.js'
import type { Asked } from './messages.js'
import { makeReader, type Reader, type ReaderOptions, type Words } from './reader.js'
import { refusalOf } from './trouble.js'

/** Answers requests on this thread's port until the other side closes it. `words`: the caller's rendering functions. */
export const serveQuestions = (words: Words): void => {
  const options = workerData as ReaderOptions // set by `readerThread`
  let reader: Promise<Reader> | undefined
  parentPort?.on('message', (asked: Asked) => {
    if ('forget' in asked)
      void reader?.then(
        (one) => one.forget(asked.forget),
        () => undefined,
      )
    else void answerOf((reader ??= makeReader(options, words)), asked).then((answered) => send(asked.id, answered))
  })
}

const answerOf = async (
  coming: Promise<Reader>,
  asked: Exclude<Asked, { readonly forget: unknown }>,
): Promise<Answered> => {
  try {
    const reader = await coming
    return 'action' in asked
      ? await answerAction(reader, asked.action, asked.body)
      : await answerQuestion(reader, asked.name, asked.query)
  } catch (cause) {
    const { status, failure } = refusalOf(cause) // the project cannot be loaded
    return json(status, failure)
  }
}

const send = (id: number, { status, type, body }: Answered): void => {
  const own = body.byteLength === body.buffer.byteLength ? body : Uint8Array.from(body)
  parentPort?.postMessage({ id, status, type, body: own }, [own.buffer as ArrayBuffer])
}
