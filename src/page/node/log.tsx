import { useEffect, useRef, useState } from 'preact/hooks'
import type { LogName } from '../../ui/contract.js'
import { source } from '../state/page-state.js'
import { Empty, Loading } from '../widgets/empty.js'
import { Troubles } from '../widgets/trouble.js'
import { bytesText } from '../words.js'
import { type Held, nextHeld } from './log-text.js'

const names: { readonly [which in LogName]: string } = {
  kept: 'of the result',
  failed: 'of a failure',
  running: 'of the run',
}
const every = 700

/** Logs of a node: a log being written is followed, and stays scrolled to its end unless the user scrolls up. */
export const Log = ({
  config,
  node,
  logs,
}: {
  readonly config: string
  readonly node: string
  readonly logs: readonly LogName[]
}) => {
  const [which, setWhich] = useState<LogName | undefined>(logs.includes('running') ? 'running' : logs[0])
  const chosen = which !== undefined && logs.includes(which) ? which : logs[0]
  if (chosen === undefined)
    return (
      <Empty title="No log">
        <p>A task has a log once it has run or has written to it.</p>
      </Empty>
    )
  return (
    <>
      {logs.length < 2 ? null : (
        <div class="segments" role="group" aria-label="Which log">
          {logs.map((name) => (
            <button type="button" aria-pressed={name === chosen} onClick={() => setWhich(name)}>
              {names[name]}
            </button>
          ))}
        </div>
      )}
      <LogText key={chosen} {...{ config, node }} which={chosen} />
    </>
  )
}

const LogText = ({
  config,
  node,
  which,
}: {
  readonly config: string
  readonly node: string
  readonly which: LogName
}) => {
  const held = useLog(config, node, which)
  const place = useRef<HTMLPreElement>(null)
  const atEnd = useRef(true)
  useEffect(() => {
    const element = place.current
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight
  }, [held.text])
  if (held.errors !== undefined && held.text === undefined) return <Troubles errors={held.errors} />
  if (held.text === undefined) return <Loading what="Reading the log" />
  return (
    <>
      {held.cut > 0 ? <p class="dim">The first {bytesText(held.cut)} are not shown.</p> : null}
      <pre
        class="text log"
        ref={place}
        role="log"
        aria-label={`Log ${names[which]}`}
        tabIndex={0}
        data-testid="log"
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          atEnd.current = scrollTop + clientHeight > scrollHeight - 24
        }}
      >
        {held.text === '' ? 'The log is empty.' : held.text}
      </pre>
      {held.growing ? (
        <p class="dim" role="status">
          <span class="spinner" aria-hidden="true" /> following
        </p>
      ) : null}
    </>
  )
}

/** Requests the end of a log, then its additions as long as it grows. */
const useLog = (config: string, node: string, which: LogName): Held => {
  const [held, setHeld] = useState<Held>({ cut: 0, growing: true })
  useEffect(() => {
    let [wanted, timer] = [true, 0]
    let now: Held = { cut: 0, growing: true }
    const ask = async (): Promise<void> => {
      const from = now.next === undefined ? {} : { offset: now.next }
      const answer = await source.ask('log', { config, node, which, ...from })
      if (!wanted) return
      now = answer.ok ? nextHeld(now, answer.value) : { ...now, errors: answer.errors, growing: answer.status === 0 }
      setHeld(now)
      if (now.growing && source.live) timer = setTimeout(() => void ask(), every)
    }
    void ask()
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [config, node, which])
  return held
}
