import { runErrors, usageErrors } from '../explain/run-errors.js'
import type { AnyError } from '../errors.js'
import type { RunReport } from '../runtime/ports/events.js'

/** Exit codes of the process. */
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

/** The exit code for errors that ended a command: the most severe one counts. */
export const exitCodeOf = (errors: readonly AnyError[]): ExitCode => {
  const codes = new Set(errors.map(codeOfError))
  return byWeight.find((code) => codes.has(code)) ?? exitCodes.unfinished
}

/** Exit codes for errors, the most severe first. */
const byWeight = [exitCodes.usage, exitCodes.wrongPlan, exitCodes.failed]

/** Errors whose exit code differs from that of their kind. */
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
  // named on the command line, not by another config
  if ((_tag === 'ConfigNotFound' || _tag === 'UnknownPart') && error.place === undefined) return exitCodes.usage
  const ofKind = Object.hasOwn(runErrors, _tag) ? exitCodes.failed : exitCodes.wrongPlan
  return special[_tag] ?? (Object.hasOwn(usageErrors, _tag) ? exitCodes.usage : ofKind)
}

/** The exit code of a completed run; the code of a signal is known only to its handler. */
export const exitCodeOfReport = (report: RunReport): ExitCode =>
  report.failed.length > 0
    ? exitCodes.failed
    : report.unfinished.length > 0 || report.stopped
      ? exitCodes.unfinished
      : exitCodes.done

/** The exit code of a command some of whose output could not be written. Any other error takes precedence. */
export const exitCodeWithOutput = (code: ExitCode, isLost: boolean): ExitCode =>
  code === exitCodes.done && isLost ? exitCodes.outputLost : code
