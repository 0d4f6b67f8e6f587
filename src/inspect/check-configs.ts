import { pushTo } from '../base/grouping.js'
import * as E from 'fp-ts/lib/Either.js'
import type { LoadedProject } from '../adapters/project/project-file.js'
import { splitPart } from '../config/uses.js'
import type { ConfigPart } from '../config/config-types.js'
import { partsOf as partsOfName } from '../declare/names.js'
import { warningsBeside, type PlanError, type PlanWarning } from '../errors.js'
import { indexProject } from '../plan/names/project-index.js'
import { makeSelector } from '../plan/names/select-tasks.js'
import { attemptsOf, type Attempt, type CheckOptions } from './check-attempts.js'

/** The outcome of planning one config. */
export interface Checked {
  /** Origin, with `#part` if a part was planned on its own. */
  readonly config: string
  /** `partial`: lacks what configs that use it provide, which is no error; `values`: has no tasks, like a context. */
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values'
  readonly nodes: number
  /** For wrong ones, the errors that configs using them do not fix; for partial ones, the errors that they fix. */
  readonly errors: readonly PlanError[]
  readonly warnings: readonly PlanWarning[]
  /** For partial ones: a config that uses it. */
  readonly usedBy: string | undefined
  /** Other configs that provide a missing input, nearest first, by what the input looks for. */
  readonly broughtBy: ReadonlyMap<string, readonly string[]>
}

/**
 * Plans every config of a list of origins, and parts of files one by one; each file is read and parsed only once. Runs
 * nothing.
 *
 * @example
 * const loaded = await loadProject(process.cwd())
 * const checked = await checkConfigs(loaded, ['configs/movies.yaml'], { contexts: [], set: {} })
 * checked.map(({ config, outcome }) => [config, outcome]) // => [['configs/movies.yaml', 'fine']]
 */
export const checkConfigs = async (
  project: LoadedProject,
  origins: readonly string[],
  options: CheckOptions,
): Promise<readonly Checked[]> => judgedTogether(project, await attemptsOf(project, origins, options))

/** Judges configs once all of them are known: which ones use each other, and which ones provide what others lack. */
export const judgedTogether = (project: LoadedProject, attempts: readonly Attempt[]): readonly Checked[] => {
  const users = usersIn(attempts)
  const bringers = bringersIn(project, attempts)
  return attempts.map((attempt) => judged(attempt, users(attempt), bringers))
}

/** Attempts that used a given config, by what they resolved to, or by files if they did not get that far. */
const usersIn = (attempts: readonly Attempt[]): ((used: Attempt) => readonly Attempt[]) => {
  const users = new Map<string, Attempt[]>()
  const add = (name: string, attempt: Attempt): void => {
    pushTo(users, name, attempt)
  }
  for (const attempt of attempts) {
    if (attempt.resolved !== undefined)
      for (const id of new Set(attempt.resolved.configs.map((config) => config.id))) add(id, attempt)
    else for (const origin of attempt.documents?.keys() ?? []) add(origin, attempt)
  }
  return (used) => [...(users.get(used.resolved?.entry ?? used.config) ?? [])].filter((user) => user !== used)
}

/** Configs by the tasks that they contribute themselves; computed only if an input is missing. */
const bringersIn = (
  { project }: LoadedProject,
  attempts: readonly Attempt[],
): ((wanted: string, asker: Attempt) => readonly string[]) => {
  let known: ReadonlyMap<string, readonly string[]> | undefined
  const gather = (): ReadonlyMap<string, readonly string[]> => {
    const bringers = new Map<string, string[]>()
    const { select } = makeSelector(indexProject(project))
    for (const { config, resolved } of attempts) {
      const own = resolved?.configs.find((one) => one.id === resolved.entry)
      for (const { entry } of own === undefined ? [] : select(own, []))
        for (const name of [entry.name, entry.fullName]) pushTo(bringers, name, config)
    }
    return bringers
  }
  return (wanted, asker) => {
    known ??= gather()
    const present = new Set(asker.resolved?.configs.map((config) => config.id))
    const inFolder = (config: string): boolean =>
      config.slice(0, config.lastIndexOf('/')) === asker.config.slice(0, asker.config.lastIndexOf('/'))
    const found = (known.get(wanted) ?? []).filter((config) => config !== asker.config && !present.has(config))
    return [...found.filter(inFolder), ...found.filter((config) => !inFolder(config))].slice(0, 3)
  }
}

const judged = (attempt: Attempt, users: readonly Attempt[], bringers: ReturnType<typeof bringersIn>): Checked => {
  const { config, documents, outcome, mask } = attempt
  const common = { config, nodes: 0, usedBy: undefined, broughtBy: new Map<string, readonly string[]>() }
  if (E.isRight(outcome))
    return { ...common, outcome: 'fine', nodes: outcome.right.nodes, errors: [], warnings: outcome.right.warnings }
  const errors = outcome.left
  const ownWarnings = mask.value(documents?.get(splitPart(config).path)?.warnings ?? [])
  if (bringsNothing(attempt)) return { ...common, outcome: 'values', errors: [], warnings: ownWarnings }
  const warnings = warningsBeside(errors)
  const helper = (error: PlanError): Attempt | undefined =>
    othersCouldHelp(error) ? users.find((user) => !fails(user, error)) : undefined
  const left = errors.filter((error) => helper(error) === undefined)
  if (left.length === 0) return { ...common, outcome: 'partial', errors, warnings, usedBy: helper(errors[0])?.config }
  const missing = left.flatMap((error) => (error._tag === 'MissingInput' ? [error.wanted] : []))
  const broughtBy = new Map(
    missing.map((wanted) => [wanted, bringers(wanted, attempt)] as const).filter(([, found]) => found.length > 0),
  )
  return { ...common, outcome: 'wrong', errors: left, warnings, broughtBy }
}

/** Errors that a config using this one may fix by providing a task, or any task at all. */
const othersCouldHelp = ({ _tag }: PlanError): boolean => _tag === 'MissingInput' || _tag === 'NothingToPlan'

/**
 * Whether a chain has the same error, where the task may be in a namespace. A chain that could not be planned is
 * assumed not to have it.
 */
const fails = ({ resolved, outcome }: Attempt, error: PlanError): boolean =>
  resolved !== undefined && E.isLeft(outcome) && outcome.left.some((other) => sameness(other) === sameness(error))

const sameness = (error: PlanError): string => {
  const task =
    error._tag === 'MissingInput' ? [partsOfName(error.node).group, partsOfName(error.node).name, error.role] : []
  return JSON.stringify([error._tag, 'place' in error ? error.place : null, ...task])
}

/** No tasks in it nor in the configs that it uses: a context, or values for others. */
const bringsNothing = ({ config, documents, resolved, outcome }: Attempt): boolean => {
  if (documents === undefined) return false
  const { path, part } = splitPart(config)
  const document = documents.get(path)
  const own = part === undefined ? document?.mainPart : part
  const parts = [...(document?.parts.values() ?? [])].filter(({ name }) => own === undefined || name === own)
  const plain = ({ values }: ConfigPart): boolean => !values.has('tasks') && !values.has('uses')
  if (parts.some(({ values }) => values.has('for_namespaces')) || parts.every(plain)) return true
  const reached =
    resolved?.configs.map(({ origin, id }) => documents.get(origin)?.parts.get(splitPart(id).part ?? '')) ?? []
  return (
    reached.length > 0 &&
    E.isLeft(outcome) &&
    outcome.left.every(({ _tag }) => _tag === 'NothingToPlan') &&
    reached.every((one) => one !== undefined && !one.values.has('tasks'))
  )
}
