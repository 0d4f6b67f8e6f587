import type { RunError, UsageError } from '../errors.js'
import { readFileRequest } from '../base/file-requests.js'
import { fieldOf } from '../base/records.js'
import { isLeaseLost, isNoDamage, isStoreRefusal } from './system-error.js'
import { causeText, didYouMean, hints, listed, oneLine, quoted, thrownAt, type Sentences } from './words.js'

/** The sentence for each error while running. */
export const runErrors: Sentences<RunError> = {
  TaskFailed: (error) => ({
    message: `task ${quoted(error.node)} failed${attempts(error.attempts)}: ${causeText(error.cause)}`,
    hint: hints(thrownHint(error.cause), logHint(error.log)),
  }),
  TimedOut: (error) => ({
    message: `task ${quoted(error.node)} took longer than ${error.milliseconds} ms${attempts(error.attempts)}`,
    hint: hints(logHint(error.log), "raise 'timeout' of the task if it needs more"),
  }),
  StillRunning: (error) => ({
    message:
      `task ${quoted(error.node)} was told to stop and is still running; ` +
      'it may write to the folder of its checkpoint, so no other attempt continues there',
    hint: hints(
      logHint(error.log),
      "let its 'run' listen to 'signal', or run it on a thread ('--executor workers'), " +
        'which can be terminated; once it has ended, or this process has, the next run continues',
    ),
  }),
  WrongResult: (error) => ({
    message:
      `task ${quoted(error.node)} returned a wrong value: ` +
      `${oneLine(error.problem)}${inValue(error.path, error.problem)}`,
    hint: error.hint,
  }),
  WrongInput: (error) => ({
    message:
      `input ${quoted(error.role)} of ${quoted(error.node)}, ` +
      `read from ${quoted(error.from)}: ${oneLine(error.problem)}`,
    hint: 'the stated type must be what that task yields',
  }),
  InputChanged: (error) => ({
    message: `task ${quoted(error.node)} changed its input ${quoted(error.role)}, the value of ${quoted(error.from)}`,
    hint: 'other tasks read the same value: copy it before changing it',
  }),
  FileChanged: (error) => ({
    message:
      `task ${quoted(error.node)} reads the ${requestText(error.path)}, ` +
      `which is not what was planned with: ${oneLine(error.problem)}`,
    hint: 'run again: the new plan takes the file as it is now',
  }),
  SecretNotSet: (error) => ({
    place: error.place,
    message:
      `task ${quoted(error.node)} cannot run: the environment variable ${quoted(error.variable)}` +
      ` of its secret ${quoted(error.param)} is ${error.empty ? 'empty' : 'not set'}`,
    hint: didYouMean(error.near) ?? `set it before the command: ${oneLine(error.variable)}=… taskchain …`,
  }),
  ObjectNotMade: (error) => ({
    message: `param ${quoted(error.param)} of ${quoted(error.node)}: ${oneLine(error.problem)}`,
    hint: 'change the value in the config, or the code that makes the object',
  }),
  NotComputed: (error) => ({
    message: `task ${quoted(error.node)} is not computed: ${oneLine(error.problem)}`,
    hint: "'taskchain run' computes it",
  }),
  ArtifactUnreadable: (error) => ({
    message: `data of ${quoted(error.node)} at ${oneLine(error.path)} cannot be read: ${causeText(error.cause)}`,
    hint: isNoDamage(error.cause)
      ? (hintIn(error.cause) ?? systemHint)
      : "'taskchain force' marks it, so that the next run computes it again",
  }),
  ArtifactNotSaved: (error) => ({
    message: `data of ${quoted(error.node)} cannot be saved at ${oneLine(error.path)}: ${causeText(error.cause)}`,
    hint: isLeaseLost(error.cause)
      ? 'run again: the result of the other process is read, not computed'
      : hints(hintIn(error.cause), 'what was there before is untouched'),
  }),
  StoreUnusable: (error) => ({
    message: `the store at ${oneLine(error.location)} cannot be used: ${causeText(error.cause)}`,
    hint: isStoreRefusal(error.cause)
      ? error.cause.hint
      : "check that the folder exists and can be written, or name another one with '--store'",
  }),
  UnfinishedInput: (error) => ({
    message: `task ${quoted(error.node)} waits for ${listed(error.because)}: ${oneLine(error.reason)}`,
    hint: 'run again to continue where it stopped',
  }),
  Stopped: (error) => ({ message: `task ${quoted(error.node)} was stopped: ${oneLine(error.reason)}` }),
  NotInChain: (error) => ({
    message: `no task ${quoted(error.name)} in this chain`,
    hint: didYouMean(error.near) ?? "'taskchain tasks CONFIG' lists what there is",
  }),
  AmbiguousName: (error) => ({
    message: `${quoted(error.name)} fits several tasks: ${listed(error.matches)}`,
    hint: 'use the full name',
  }),
  NotInPlanProject: (error) => ({
    message: `the project has no task for ${quoted(error.node)} of this plan`,
    hint: 'the plan was made with another version of the project: plan again',
  }),
}

/** The sentence for each error in the project or on the command line. */
export const usageErrors: Sentences<UsageError> = {
  ProjectNotFound: (error) =>
    error.file === undefined
      ? {
          message: `no taskchain.config.{ts,mts,js,mjs} in ${oneLine(error.lookedIn)} or above`,
          hint: "go to a project, name one with '--project FILE', or make one with 'taskchain init'",
        }
      : {
          message: `project ${quoted(error.file)} not found`,
          hint: "'--project' takes the path of a taskchain.config file",
        },
  ProjectNotLoaded: (error) => ({
    message: `project ${quoted(error.file)} cannot be loaded: ${causeText(error.cause)}`,
    hint:
      error.misplaced === undefined
        ? undefined
        : `${quoted(error.misplaced.name)} is exported by ${listed(error.misplaced.exportedBy)}: import it from there`,
  }),
  NotAProject: (error) => ({
    message: `${quoted(error.file)} exports no project`,
    hint: "it must say 'export default defineProject({ … })'",
  }),
  BadOption: (error) => ({ message: `${oneLine(error.option)}: ${oneLine(error.problem)}` }),
  SystemRefused: (error) => ({
    message: oneLine(error.problem),
    hint: /^E[MN]FILE:/.test(error.problem)
      ? "this process may open no more files: raise the limit ('ulimit -n')"
      : systemHint,
  }),
  GitNotFound: () => ({
    message: 'git is not installed, or not on the PATH',
    hint: "revisions (CONFIG@REVISION) are read with the program 'git'",
  }),
  NotInGit: (error) => ({
    message: `there is no git repository at ${oneLine(error.folder)}: ${oneLine(error.problem)}`,
    hint: 'revisions (CONFIG@REVISION) need a project in a git repository',
  }),
  UnknownRevision: (error) => ({
    message: `git knows no revision ${quoted(error.revision)}`,
    hint: didYouMean(error.near) ?? 'say a hash, a branch, a tag, or something like HEAD~1',
  }),
  GitFailed: (error) => ({
    message: `git cannot read the revision ${quoted(error.revision)}: ${oneLine(error.problem)}`,
  }),
}

const attempts = (count: number): string => (count > 1 ? ` ${count} times` : '')

const thrownHint = (cause: unknown): string | undefined => {
  const place = thrownAt(cause)
  return place === undefined ? undefined : `thrown at ${place}`
}

const systemHint = 'the system refuses it: check the path, its permissions, and the free disk space'

const logHint = (log: string | undefined): string | undefined =>
  log === undefined ? undefined : `its log: ${oneLine(log)}`

/** The path in the value, unless the problem mentions it already. */
const inValue = (path: string, problem: string): string =>
  path === '' || problem.includes(path) ? '' : ` at ${oneLine(path)}`

/** The hint of a format, or of the service behind a store. */
const hintIn = (cause: unknown): string | undefined => {
  const hasHint = isStoreRefusal(cause) || (cause instanceof Error && cause.name === 'FormatProblem')
  const hint = hasHint ? fieldOf(cause, 'hint') : undefined
  return typeof hint === 'string' ? oneLine(hint) : undefined
}

const requestText = (request: string): string => {
  const { kind, path } = readFileRequest(request)
  return `${kind === 'glob' ? 'files of' : kind} ${quoted(path)}`
}
