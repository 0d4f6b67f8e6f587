import { interpret } from '../engine/interpret.js'
import type { RunRequest, RunResult } from '../engine/run-types.js'
import type { RecordedRun } from '../ports/run-history.js'
import type { Session } from '../session/session.js'

/** Runs what is asked for, and has the session's recorder keep a record of it. */
export const runRecorded = async (
  session: Session,
  request: RunRequest,
  about: () => RecordedRun,
): Promise<RunResult> => {
  const recording = session.recorder?.begin(about())
  if (recording === undefined) return interpret(session, request)
  const { onEvent } = request
  const result = await interpret(session, {
    ...request,
    onEvent: (event) => {
      recording.listener(event)
      onEvent?.(event)
    },
  })
  await recording.end(result.report)
  return result
}

/** Values that were set for a name, as a record shows them. */
export const settingText = (name: string, values: readonly unknown[]): string =>
  `${name}=${[...new Set(values.map(valueText))].join(',')}`

const valueText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
