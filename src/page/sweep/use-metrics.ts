import { useEffect, useRef, useState } from 'preact/hooks'
import { addressOf, type MetricsQuestion } from '../../ui/addresses.js'
import type { Cell, MetricsAnswer, Trouble } from '../../ui/contract.js'
import { changes, source } from '../state/page-state.js'

/** A table of metrics whose columns are requested as they come into view. */
export interface Metrics {
  readonly answer?: MetricsAnswer
  readonly errors?: readonly Trouble[]
  readonly cells: ReadonlyMap<string, readonly Cell[]>
  /** Requests columns that are not loaded yet. */
  readonly want: (columns: readonly string[]) => void
}

/** Milliseconds. While a run changes the store many times a second, the table is reloaded only in a pause. */
const pause = 1000
/** Columns for one request. */
const some = 50

export const useMetrics = (question: MetricsQuestion | undefined): Metrics => {
  const [held, setHeld] = useState<Omit<Metrics, 'want'>>({ cells: new Map() })
  const asked = useRef(new Set<string>())
  const address = question === undefined ? '' : addressOf('metrics', question)
  const stamp = `${address} ${changes.store.value} ${changes.project.value}`
  const current = useRef(stamp)
  current.current = stamp
  const ask = async (columns: readonly string[]): Promise<void> => {
    for (const column of columns) asked.current.add(column)
    const answer = await source.ask('metrics', { ...question, ...(columns.length === 0 ? {} : { column: columns }) })
    if (current.current !== stamp) return
    setHeld((before) =>
      answer.ok
        ? {
            answer: columns.length === 0 ? answer.value : (before.answer ?? answer.value),
            cells: new Map([...(columns.length === 0 ? [] : before.cells), ...Object.entries(answer.value.cells)]),
          }
        : { ...before, errors: answer.errors },
    )
  }
  const shown = useRef('')
  useEffect(() => {
    const anew = shown.current !== address
    shown.current = address
    if (anew) setHeld({ cells: new Map() })
    const timer = setTimeout(
      () => {
        asked.current.clear()
        if (question !== undefined) void ask([])
      },
      anew ? 0 : pause,
    )
    return () => clearTimeout(timer)
  }, [stamp])
  return {
    ...held,
    want: (columns) => {
      const missing = columns.filter((column) => !held.cells.has(column) && !asked.current.has(column))
      if (held.answer === undefined) return
      for (let from = 0; from < missing.length; from += some) void ask(missing.slice(from, from + some))
    },
  }
}
