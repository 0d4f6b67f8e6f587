import * as t from 'io-ts'
import type { ItemContext } from 'taskchain/types'

const Answer = t.type({ vectors: t.array(t.array(t.number)), cost: t.number })

/** A request may have many texts; this one has one. */
export const embed =
  (url: string) =>
  async (text: string, { signal, usage }: ItemContext): Promise<number[]> => {
    const response = await fetch(`${url}/embed`, { method: 'POST', body: JSON.stringify([text]), signal })
    const answer: unknown = await response.json()
    if (!response.ok) throw Object.assign(new Error(`${response.status} ${JSON.stringify(answer)}`), { response })
    if (!Answer.is(answer)) throw new TypeError('an answer of another form')
    usage({ cost: answer.cost, requests: 1 })
    return answer.vectors[0] ?? []
  }
