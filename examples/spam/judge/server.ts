import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { chance } from '../random.js'
import { models, opinionOn } from './opinion.js'

/** How the API behaves. The outcome of a call depends on the seed, the text, and how often it was requested before. */
export interface Behaviour {
  readonly port: number
  readonly seed: number
  /** Mean milliseconds per answer. */
  readonly latency: number
  /** Requests beyond this rate get 429, with `Retry-After`. */
  readonly requestsPerSecond: number
  /** Share of calls that get 429 at any rate, as if there were other clients. */
  readonly limiting: number
  /** Shares of calls that end in 503 (free), a lost connection (paid), and a truncated answer (paid). */
  readonly failing: number
  readonly losing: number
  readonly cutting: number
}

export const usual: Behaviour = {
  port: 0,
  seed: 1,
  latency: 40,
  requestsPerSecond: 150,
  limiting: 0,
  failing: 0.05,
  losing: 0.005,
  cutting: 0.01,
}

/** Statistics of the API's owner: what was really paid. */
export interface Bill {
  readonly asked: number
  readonly tooMany: number
  readonly failed: number
  readonly lost: number
  readonly cut: number
  readonly billed: number
  readonly cost: number
  /** Texts that were paid for more than once. */
  readonly paidAgain: number
}

export interface Judge {
  readonly url: string
  bill(): Bill
  stop(): Promise<void>
}

/** Starts the API on a local port: `POST /judge` for a verdict, `GET /bill` for the statistics. */
export const startJudge = async (options: Partial<Behaviour> = {}): Promise<Judge> => {
  const behaviour = { ...usual, ...options }
  const counts = { asked: 0, tooMany: 0, failed: 0, lost: 0, cut: 0, billed: 0, cost: 0 }
  const times = new Map<string, number>()
  const paid = new Map<string, number>()
  const told = new Map<string, number>() // texts that were refused for exceeding the rate
  const bill = (): Bill => ({
    ...counts,
    cost: Math.round(counts.cost * 1e6) / 1e6,
    paidAgain: Array.from(paid.values()).filter((count) => count > 1).length,
  })
  const mayAsk = allowance(behaviour.requestsPerSecond)

  const judge = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request)
    counts.asked++
    const before = told.get(body) ?? 0
    if (!mayAsk() || chance(behaviour.seed, 'limit', body, before) < behaviour.limiting) {
      told.set(body, before + 1)
      counts.tooMany++
      return answer(response, 429, { error: 'too many requests' }, { 'retry-after': '1' })
    }
    const { model, text } = JSON.parse(body) as { model: string; text: string } // sent by this example's own client
    const price = models[model]?.price
    if (price === undefined) return answer(response, 400, { error: `there is no model ${model}` })
    const time = (times.get(body) ?? 0) + 1
    times.set(body, time)
    const fate = chance(behaviour.seed, body, time)
    await new Promise((resolve) => setTimeout(resolve, behaviour.latency * (0.5 + chance(body, time))))
    if (fate < behaviour.failing) {
      counts.failed++
      return answer(response, 503, { error: 'overloaded' })
    }
    const tokens = Math.ceil(text.length / 4) + 20
    const cost = (tokens / 1000) * price
    counts.billed++
    counts.cost += cost
    paid.set(body, (paid.get(body) ?? 0) + 1)
    if (fate < behaviour.failing + behaviour.losing) {
      counts.lost++
      response.destroy()
      return
    }
    const isCut = fate < behaviour.failing + behaviour.losing + behaviour.cutting
    if (isCut) counts.cut++
    const { spam, reason } = opinionOn(model, text)
    answer(response, 200, isCut ? { finish: 'length', tokens, cost } : { finish: 'stop', spam, reason, tokens, cost })
  }

  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/bill') return answer(response, 200, bill())
    if (request.method !== 'POST' || request.url !== '/judge') return answer(response, 404, { error: 'not here' })
    judge(request, response).catch((error: unknown) => answer(response, 400, { error: String(error) }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(behaviour.port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : behaviour.port}`,
    bill,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const answer = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer) // no encoding is set
  return Buffer.concat(parts).toString()
}

/** A rate per second, with bursts of at most half a second's worth. */
const allowance = (perSecond: number) => {
  let left = perSecond / 2
  let before = performance.now()
  return (): boolean => {
    const now = performance.now()
    left = Math.min(perSecond / 2, left + ((now - before) / 1000) * perSecond)
    before = now
    if (left < 1) return false
    left--
    return true
  }
}
