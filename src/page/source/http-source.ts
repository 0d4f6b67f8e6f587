import { type Actions, actionAddress, addressOf, type Questions } from '../../ui/addresses.js'
import type { Failure, ServerEvent } from '../../ui/contract.js'
import { type Answered, refused, type Source } from './source.js'

/** Sends requests to the server that served this page. */
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
  plot: () => undefined,
  follow,
})

const again = 3000

/**
 * Browsers reconnect by themselves, except after a response that is not an event stream. A hidden page closes its
 * connection: browsers allow few connections to one server, and each event stream uses one.
 */
const follow: Source['follow'] = (onEvent, onLink) => {
  let events: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  let wasHidden = document.hidden
  const open = (): void => {
    stop()
    const own = new EventSource(addressOf('events', {}))
    events = own
    own.onopen = () => onLink('open')
    own.onmessage = ({ data }) => {
      const event = JSON.parse(String(data)) as ServerEvent // the server that served this page is of the same version
      if (event.kind === 'closing') end()
      onEvent(event.kind === 'hello' && wasHidden ? { ...event, missed: true } : event)
    }
    own.onerror = () => {
      onLink('lost')
      if (own.readyState === EventSource.CLOSED) timer = setTimeout(() => void retry(), again)
    }
  }
  /** A restarted server requires a new token. */
  const retry = async (): Promise<void> => {
    const answer = await answerOf(addressOf('project', {}))
    if (!answer.ok && answer.status === 401) end()
    else start()
  }
  const stop = (): void => {
    clearTimeout(timer)
    events?.close()
  }
  const end = (): void => {
    isOver = true
    stop()
    onLink('closed')
  }
  const start = (): void => {
    if (!document.hidden && !isOver) open()
  }
  const seen = (): void => {
    stop()
    wasHidden = true
    start()
  }
  start()
  document.addEventListener('visibilitychange', seen)
  return () => {
    document.removeEventListener('visibilitychange', seen)
    stop()
  }
}

const tokenInAddress = (): string | undefined => /^#token=([\w-]+)/.exec(location.hash)?.[1]

/** Whether the address is one that a server has printed. */
export const hasToken = (): boolean => tokenInAddress() !== undefined

/** Exchanges the token in the address for a cookie, and removes it from the address. */
export const openSession = async (): Promise<void> => {
  const token = tokenInAddress()
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
    const body = (await response.json()) as Value | Failure // by contract with a server of the same version
    return response.ok
      ? { ok: true, value: body as Value }
      : { ok: false, status: response.status, errors: (body as Failure).errors }
  } catch {
    return refused(0, 'Unreachable', 'the server does not answer', 'Is taskchain ui still running in its terminal?')
  }
}
