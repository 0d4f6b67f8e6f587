import { useEffect, useRef, useState } from 'preact/hooks'
import { addressOf, type Questions } from '../../ui/addresses.js'
import type { Trouble } from '../../ui/contract.js'
import type { Answered } from '../source/source.js'
import { changes, source, type Topic } from './page-state.js'

/** A pending answer: the previous value stays while the same question is asked again. */
export interface Loaded<Value> {
  readonly value?: Value
  readonly errors?: readonly Trouble[]
  readonly status?: number
  readonly loading: boolean
}

/** Asks when the question changes, and again when one of the topics changes. Does nothing for undefined. */
export const useAnswer = <Name extends keyof Questions>(
  name: Name,
  asked: Questions[Name]['asked'] | undefined,
  topics: readonly Topic[],
): Loaded<Questions[Name]['answer']> => {
  const address = asked === undefined ? '' : addressOf(name, asked)
  type Held = { readonly address: string; readonly loaded: Loaded<Questions[Name]['answer']> }
  const [held, setHeld] = useState<Held>()
  const stamp = topics.map((topic) => changes[topic].value).join()
  /** The pending question; `again`: something has changed since it was asked. */
  const flight = useRef<{ readonly address: string; again: boolean } | undefined>(undefined)
  useEffect(() => {
    if (asked === undefined) flight.current = undefined
    else if (flight.current?.address === address) flight.current.again = true
    else {
      const own = { address, again: false }
      flight.current = own
      const ask = async (): Promise<void> => {
        own.again = false
        const answer = await source.ask(name, asked)
        if (answer.ok) keep(address, answer.value)
        if (flight.current !== own) return
        setHeld((before) => ({
          address,
          loaded: loadedOf(answer, before?.address === address ? before.loaded : keptOf(address)),
        }))
        if (own.again) await ask()
        else flight.current = undefined
      }
      void ask()
    }
  }, [address, stamp])
  useEffect(
    () => () => {
      flight.current = undefined
    },
    [],
  )
  return held?.address === address ? held.loaded : { ...keptOf(address), loading: asked !== undefined }
}

/** Without a response, the previous value stays, next to the errors. */
const loadedOf = <Value>(answer: Answered<Value>, before: { readonly value?: Value }): Loaded<Value> =>
  answer.ok
    ? { value: answer.value, loading: false }
    : { ...(answer.status === 0 ? before : {}), errors: answer.errors, status: answer.status, loading: false }

/** The latest answers: returning to a view shows it immediately, even if the server is gone. */
const kept = new Map<string, unknown>()
const most = 40

const keep = (address: string, value: unknown): void => {
  kept.delete(address)
  kept.set(address, value)
  const [oldest] = kept.keys()
  if (kept.size > most && oldest !== undefined) kept.delete(oldest)
}

const keptOf = <Value>(address: string): { readonly value?: Value } =>
  kept.has(address) ? { value: kept.get(address) as Value } : {} // stored under the address of its question
