import { interpret } from '../engine/interpret.js'
import type { RunRequest, RunResult } from '../engine/run-types.js'
import type { RecordedRun } from '../ports/run-history.js'
import type { Session } from '../session/session.js'

/** Runs the targets, and records the run if the session has a recorder. */
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

/** Swept values of a name, as a record shows them. */
export const settingText = (name: string, values: readonly unknown[]): string =>
  `${name}=${[...new Set(values.map(valueText))].join(',')}`

const valueText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
