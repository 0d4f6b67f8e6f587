import { useEffect, useState } from 'preact/hooks'
import type { Actions } from '../../ui/addresses.js'
import { source } from './page-state.js'
import type { Loaded } from './use-answer.js'

/** The answer to a POST that changes nothing, requested once. */
export const useAction = <Name extends 'ask'>(
  name: Name,
  asked: Actions[Name]['asked'],
): Loaded<Actions[Name]['answer']> => {
  const [loaded, setLoaded] = useState<Loaded<Actions[Name]['answer']>>({ loading: true })
  useEffect(() => {
    let wanted = true
    void source.act(name, asked).then((answer) => {
      if (!wanted) return
      setLoaded(
        answer.ok
          ? { value: answer.value, loading: false }
          : { errors: answer.errors, status: answer.status, loading: false },
      )
    })
    return () => {
      wanted = false
    }
  }, [])
  return loaded
}
