import * as t from 'io-ts'
import type { ItemContext } from 'taskchain/types'

/** An answer of the API; one that was cut short has no verdict, and costs the same. */
export interface Answer {
  readonly finish: string
  readonly spam?: boolean
  readonly reason?: string
  readonly tokens: number
  readonly cost: number
}
const Answer: t.Type<Answer> = t.intersection([
  t.type({ finish: t.string, tokens: t.number, cost: t.number }),
  t.partial({ spam: t.boolean, reason: t.string }),
])

/** One request. The error has the response, in which mapItems finds the header Retry-After. */
export const askJudge =
  (url: string, model: string) =>
  async (text: string, { signal, usage }: ItemContext): Promise<Answer> => {
    const response = await fetch(`${url}/judge`, {
      method: 'POST',
      body: JSON.stringify({ model, text }),
      signal,
    }).catch((error: unknown) => {
      throw new Error(`${url} does not answer: ${causeOf(error)}`, { cause: error })
    })
    if (!response.ok) throw Object.assign(new Error(`${response.status} ${await response.text()}`), { response })
    const answer: unknown = await response.json()
    if (!Answer.is(answer)) throw new TypeError('an answer of another form')
    usage({ cost: answer.cost, tokens: answer.tokens })
    return answer
  }

/** Rate limit, server error or no answer: worth a retry. A bad request stays bad. */
export const mayPass = (problem: unknown): boolean => {
  const response = problem instanceof Error && 'response' in problem ? problem.response : undefined
  return !(response instanceof Response) || response.status === 429 || response.status >= 500
}

const causeOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error)
