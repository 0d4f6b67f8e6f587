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

const codeOfError = (error: AnyError): ExitCode => {
  switch (error._tag) {
    case 'ProjectNotFound':
    case 'ProjectNotLoaded':
    case 'NotAProject':
    case 'BadOption':
    case 'GitNotFound':
    case 'NotInGit':
    case 'UnknownRevision':
    case 'GitFailed':
    case 'NotInChain':
    case 'AmbiguousName':
      return exitCodes.usage
    case 'ConfigNotFound':
      // asked for on the command line, or by another config
      return error.place === undefined ? exitCodes.usage : exitCodes.wrongPlan
    case 'UnknownPart':
      return error.place === undefined ? exitCodes.usage : exitCodes.wrongPlan
    case 'TaskFailed':
    case 'TimedOut':
    case 'StillRunning':
    case 'WrongResult':
    case 'WrongInput':
    case 'InputChanged':
    case 'FileChanged':
    case 'ObjectNotMade':
    case 'NotComputed':
    case 'ArtifactUnreadable':
    case 'ArtifactNotSaved':
    case 'StoreUnusable':
    case 'SystemRefused':
    case 'NotInPlanProject':
      return exitCodes.failed
    case 'UnfinishedInput':
    case 'Stopped':
      return exitCodes.unfinished
    default:
      return exitCodes.wrongPlan
  }
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
