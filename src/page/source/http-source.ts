import { type Actions, actionAddress, addressOf, type Questions } from '../../ui/addresses.js'
import type { Failure, ServerEvent } from '../../ui/contract.js'
import { type Answered, refused, type Source } from './source.js'

/** Asks the server that this page came from. */
export const httpSource = (): Source => ({
  live: true,
  offers: () => true,
  ask: <Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']) =>
    answerOf<Questions[Name]['answer']>(addressOf(name, asked)),
  act: <Name extends keyof Actions>(name: Name, asked: Actions[Name]['asked']) =>
    answerOf<Actions[Name]['answer']>(actionAddress(name), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    }),
  picture: (asked) => addressOf('file', asked),
  follow,
})

const again = 3000

/** Browsers come back by themselves, but not where they were answered by something else than events. */
const follow: Source['follow'] = (onEvent, onLink) => {
  let events: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = (): void => {
    events = new EventSource(addressOf('events', {}))
    events.onopen = () => onLink('open')
    events.onmessage = ({ data }) => {
      const event = JSON.parse(String(data)) as ServerEvent // its server is of the same version: it brought this page
      if (event.kind === 'closing') {
        events.close()
        onLink('closed')
      }
      onEvent(event)
    }
    events.onerror = () => {
      onLink('lost')
      if (events.readyState === EventSource.CLOSED) timer = setTimeout(() => void retry(), again)
    }
  }
  /** Another server wants another token. */
  const retry = async (): Promise<void> => {
    const answer = await answerOf(addressOf('project', {}))
    if (!answer.ok && answer.status === 401) onLink('closed')
    else open()
  }
  open()
  return () => {
    clearTimeout(timer)
    events.close()
  }
}

/** Exchanges the token of the address for a cookie, and takes the token out of the address. */
export const openSession = async (): Promise<void> => {
  const token = /^#token=([\w-]+)/.exec(location.hash)?.[1]
  if (token === undefined) return
  history.replaceState(null, '', location.pathname)
  await answerOf(actionAddress('session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  })
}

const answerOf = async <Value>(address: string, init?: RequestInit): Promise<Answered<Value>> => {
  try {
    const response = await fetch(address, { credentials: 'same-origin', cache: 'no-store', ...init })
    const body = (await response.json()) as Value | Failure // the contract with the server of the same version
    return response.ok
      ? { ok: true, value: body as Value }
      : { ok: false, status: response.status, errors: (body as Failure).errors }
  } catch {
    return refused(0, 'Unreachable', 'the server does not answer', 'Is taskchain ui still running in its terminal?')
  }
}
