import { useEffect, useState } from 'preact/hooks'
import { addressOf, type Questions } from '../../ui/addresses.js'
import type { Trouble } from '../../ui/contract.js'
import { changes, source, type Topic } from './page-state.js'

/** An answer on its way: what was there before stays while the same is asked again. */
export interface Loaded<Value> {
  readonly value?: Value
  readonly errors?: readonly Trouble[]
  readonly status?: number
  readonly loading: boolean
}

/** Asks when the question changes, and again when one of the topics does. Nothing is asked for undefined. */
export const useAnswer = <Name extends keyof Questions>(
  name: Name,
  asked: Questions[Name]['asked'] | undefined,
  topics: readonly Topic[],
): Loaded<Questions[Name]['answer']> => {
  const address = asked === undefined ? '' : addressOf(name, asked)
  const [held, setHeld] = useState<{ readonly address: string; readonly loaded: Loaded<Questions[Name]['answer']> }>()
  const stamp = topics.map((topic) => changes[topic].value).join()
  useEffect(() => {
    if (asked === undefined) return
    let wanted = true
    void source.ask(name, asked).then((answer) => {
      if (!wanted) return
      setHeld((before) => ({
        address,
        loaded: answer.ok
          ? { value: answer.value, loading: false }
          : {
              ...(answer.status === 0 && before?.address === address ? before.loaded : {}),
              errors: answer.errors,
              status: answer.status,
              loading: false,
            },
      }))
    })
    return () => {
      wanted = false
    }
  }, [address, stamp])
  return held?.address === address ? held.loaded : { loading: asked !== undefined }
}
