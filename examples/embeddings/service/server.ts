import { createServer, type IncomingMessage } from 'node:http'
import { wordsOf } from '../document.js'
import { unit } from '../vectors/nearest.js'

/** Words and their vectors: the model behind the API. */
export type WordVectors = Readonly<Record<string, readonly number[]>>

/** Statistics kept by the owner of the API. */
export interface Bill {
  readonly requests: number
  readonly refused: number
  readonly texts: number
  readonly cost: number
}

export interface Embedder {
  readonly url: string
  bill(): Bill
  stop(): Promise<void>
}

/** Limits of one request. */
const mostTexts = 64
const mostLetters = 8000
const latency = 30
const priceOfText = 0.00002

/**
 * Simulates an API that returns vectors of texts: `POST /embed` with up to 64 texts. A single text that is too long, or
 * has no word known to the model, makes it refuse the whole request, as such APIs do.
 */
export const startEmbedder = async (words: WordVectors): Promise<Embedder> => {
  const model = new Map(Object.entries(words).map(([word, vector], at) => [word, { vector, weight: Math.log(2 + at) }]))
  const counts = { requests: 0, refused: 0, texts: 0 }
  const server = createServer((request, response) => {
    const reply = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const embed = async (): Promise<void> => {
      const texts = JSON.parse(await textOf(request)) as readonly string[] // sent by this example's own client
      counts.requests++
      await new Promise((resolve) => setTimeout(resolve, latency))
      const vectors = texts.map((text) => (text.length > mostLetters ? undefined : vectorOf(model, text)))
      const bad = vectors.indexOf(undefined)
      if (texts.length <= mostTexts && bad < 0) {
        counts.texts += texts.length
        return reply(200, { vectors, cost: texts.length * priceOfText })
      }
      counts.refused++
      reply(400, { error: bad < 0 ? `more than ${mostTexts} texts` : `text ${bad} is too long, or of unknown words` })
    }
    embed().catch((error: unknown) => reply(400, { error: String(error) }))
  })
  server.keepAliveTimeout = 600_000 // on a busy machine, the default of 5 s would close connections that are in use
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    bill: () => ({ ...counts, cost: Math.round(counts.texts * priceOfText * 1e6) / 1e6 }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The mean of the vectors of its words; frequent words, which come first in the model, count less. */
const vectorOf = (model: Model, text: string): readonly number[] | undefined => {
  const sum: number[] = []
  for (const word of new Set(wordsOf(text))) {
    const known = model.get(word)
    if (known !== undefined)
      for (const [at, value] of known.vector.entries()) sum[at] = (sum[at] ?? 0) + known.weight * value
  }
  return sum.length === 0 ? undefined : Array.from(unit(sum), (value) => Math.round(value * 1e4) / 1e4)
}

type Model = ReadonlyMap<string, { readonly vector: readonly number[]; readonly weight: number }>

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer) // no encoding is set
  return Buffer.concat(parts).toString()
}
