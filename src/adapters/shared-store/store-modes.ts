import type { StoreMode } from '../../declare/shared-store.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The variable that overrides how shared stores are used. */
export const modeVariable = 'TASKCHAIN_SHARED'

const modes: ReadonlySet<string> = new Set(['read-write', 'read-only', 'write-only', 'off'] satisfies StoreMode[])
export const isStoreMode = (text: unknown): text is StoreMode => typeof text === 'string' && modes.has(text)

/**
 * How a shared store is used: as `TASKCHAIN_SHARED` says, otherwise as the project says; but a pull request, whose code
 * anyone may have written, writes nothing unless that variable allows it.
 */
export const modeIn = (mode: StoreMode, environment: Environment): StoreMode => {
  const given = environment[modeVariable]
  if (isStoreMode(given)) return given
  if (!isPullRequest(environment)) return mode
  return mode === 'write-only' || mode === 'off' ? 'off' : 'read-only'
}

export const reads = (mode: StoreMode): boolean => mode === 'read-write' || mode === 'read-only'
export const writes = (mode: StoreMode): boolean => mode === 'read-write' || mode === 'write-only'

/** Whether a CI service reports a pull or merge request. */
export const isPullRequest = (environment: Environment): boolean => {
  const { GITHUB_EVENT_NAME: github = '', TRAVIS_PULL_REQUEST: travis, BUILDKITE_PULL_REQUEST: kite } = environment
  return (
    github.startsWith('pull_request') ||
    [travis, kite].some((value) => value !== undefined && value !== '' && value !== 'false') ||
    requestVariables.some((name) => (environment[name] ?? '') !== '')
  )
}

/** Set by GitLab, CircleCI, Jenkins, Bitbucket, Drone, Azure and AppVeyor for pull or merge requests. */
const requestVariables = [
  'CI_MERGE_REQUEST_IID',
  'CIRCLE_PULL_REQUEST',
  'CHANGE_ID',
  'BITBUCKET_PR_ID',
  'DRONE_PULL_REQUEST',
  'SYSTEM_PULLREQUEST_PULLREQUESTID',
  'APPVEYOR_PULL_REQUEST_NUMBER',
]
