import type { AnyError, PlanWarning } from '../errors.js'
import { explainAll, explainText } from '../explain.js'
import { framesOf } from '../explain/frames.js'
import { isSystemError } from '../explain/system-error.js'
import { errorsOfThrown, isTaskchainError } from '../explain/thrown-errors.js'
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.js'
import type { Host, Paint } from './host.js'
import { explained, jsonDocument } from './json-output.js'
import { harmless } from './render/text-width.js'
import { fieldOf } from '../base/records.js'

/**
 * Reports why a command failed, and returns the exit code. A stack is shown for bugs of taskchain and of the project's
 * own code, never for wrong input.
 */
export const reportFailure = (
  error: unknown,
  { host, json, paint }: { readonly host: Host; readonly json: boolean; readonly paint: Paint },
): ExitCode => {
  const errors = errorsOf(error)
  if (errors === undefined) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    host.err.write(
      `${paint.red('internal error')}: ${harmless(stack)}\n` +
        'This is a bug in taskchain. Please report it with the command and the lines above.\n',
    )
    return exitCodes.failed
  }
  const warnings = warningsOf(error)
  if (json)
    host.out.write(
      jsonDocument({ errors: explained(errors), ...(warnings.length === 0 ? {} : { warnings: explained(warnings) }) }),
    )
  for (const line of new Set(warnings.map(explainText)))
    host.err.write(`${paint.yellow('warning')}: ${harmless(line)}\n`)
  host.err.write(`${paint.red('error')}: ${harmless(explainAll(errors))}\n`)
  for (const failure of errors)
    if (failure._tag === 'ProjectNotLoaded')
      for (const line of placeLines(failure.cause)) host.err.write(`${paint.dim(harmless(line))}\n`)
  return exitCodeOf(errors)
}

const errorsOf = (error: unknown): readonly AnyError[] | undefined =>
  isSystemError(error) ? [{ _tag: 'SystemRefused', problem: error.message }] : errorsOfThrown(error)

/** Warnings that planning found in addition to its errors. */
const warningsOf = (error: unknown): readonly PlanWarning[] => (isTaskchainError(error) ? (error.warnings ?? []) : [])

/** Where loading failed: a line of syntax as Node shows it, and frames in the project's own files. */
const placeLines = (cause: unknown): readonly string[] => {
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  const frames = framesOf(stack).map(({ line }) => line)
  const above = stack.split('\n').filter((line) => !/^\s+at /.test(line))
  return [...above.filter((line) => line !== '' && !isMessage(line, cause)).slice(0, 12), ...frames.slice(0, 5)]
}

/** The sentence about the error has its message already, unless that is long or has several lines. */
const isMessage = (line: string, cause: unknown): boolean => {
  const message = fieldOf(cause, 'message')
  return typeof message === 'string' && message.length <= 200 && line.endsWith(message)
}
