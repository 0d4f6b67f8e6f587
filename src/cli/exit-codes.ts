import { runErrors, usageErrors } from '../explain/run-errors.js'
import type { AnyError } from '../errors.js'
import type { RunReport } from '../runtime/ports/events.js'

/** What the process says when it ends. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongPlan: 2,
  usage: 3,
  unfinished: 4,
  outputLost: 5,
  interrupted: 130,
  terminated: 143,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The code for errors that ended a command: the weightiest of them counts. */
export const exitCodeOf = (errors: readonly AnyError[]): ExitCode => {
  const codes = new Set(errors.map(codeOfError))
  return byWeight.find((code) => codes.has(code)) ?? exitCodes.unfinished
}

/** What can end a command, the weightiest first. */
const byWeight = [exitCodes.usage, exitCodes.wrongPlan, exitCodes.failed]

/** What ends a command otherwise than its kind of errors does. */
const special: Partial<Record<AnyError['_tag'], ExitCode>> = {
  NotInChain: exitCodes.usage,
  AmbiguousName: exitCodes.usage,
  SystemRefused: exitCodes.failed,
  SecretNotSet: exitCodes.wrongPlan,
  UnfinishedInput: exitCodes.unfinished,
  Stopped: exitCodes.unfinished,
}

const codeOfError = (error: AnyError): ExitCode => {
  const { _tag } = error
  // asked for on the command line, not by another config
  if ((_tag === 'ConfigNotFound' || _tag === 'UnknownPart') && error.place === undefined) return exitCodes.usage
  const ofKind = Object.hasOwn(runErrors, _tag) ? exitCodes.failed : exitCodes.wrongPlan
  return special[_tag] ?? (Object.hasOwn(usageErrors, _tag) ? exitCodes.usage : ofKind)
}

/** The code for a run that came to its end; which signal it was is known by who caught it. */
export const exitCodeOfReport = (report: RunReport): ExitCode =>
  report.failed.length > 0
    ? exitCodes.failed
    : report.unfinished.length > 0 || report.stopped
      ? exitCodes.unfinished
      : exitCodes.done

/** The code for a command some of whose output arrived nowhere. What went wrong besides counts more. */
export const exitCodeWithOutput = (code: ExitCode, isLost: boolean): ExitCode =>
  code === exitCodes.done && isLost ? exitCodes.outputLost : code
