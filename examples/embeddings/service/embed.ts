import * as t from 'io-ts'
import type { BatchContext } from 'taskchain/types'

const Answer = t.type({ vectors: t.array(t.array(t.number)), cost: t.number })

/** Sends many texts in one request; returns their vectors in the same order. */
export const embed =
  (url: string) =>
  async (texts: readonly string[], { signal, usage }: BatchContext): Promise<number[][]> => {
    const response = await fetch(`${url}/embed`, { method: 'POST', body: JSON.stringify(texts), signal })
    const answer: unknown = await response.json()
    if (!response.ok) throw Object.assign(new Error(`${response.status} ${JSON.stringify(answer)}`), { response })
    if (!Answer.is(answer)) throw new TypeError('an answer of another form')
    usage({ cost: answer.cost, requests: 1 })
    return answer.vectors
  }
