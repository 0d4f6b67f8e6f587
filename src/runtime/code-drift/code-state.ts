import { oncePer } from '../../base/once-per.js'
import { isCodeText } from '../../declare/code-text.js'
import { oncePerTask, type Task } from '../../declare/task.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import type { BoundInput, PlanOutline } from '../../plan/plan-types.js'
import { formerNamings, renamesOf, type Names } from '../../plan/names/former-names.js'
import { codeFingerprint, formerFingerprint, shortHash } from './code-fingerprint.js'

/** The code that a result comes from: fingerprints of tasks, and of upstream code if that matters. */

/**
 * Fingerprint of all code that a task counts as its own: `run`, functions among its `helpers`, and what `codeOf` lists.
 * That of `run` alone if there is nothing else; null if the source of `run` cannot be read.
 */
export const taskFingerprint = oncePerTask((task: Task): string | null => withHelpers(task, codeFingerprint(task.run)))

/**
 * Fingerprints that a task's code had under former names of its params and inputs: with all oldest ones, with all
 * latest ones, with one of them. The oldest comes first; only the present one if nothing was renamed.
 */
export const formerFingerprints = oncePerTask((task: Task): readonly (string | null)[] => {
  const renames = renamesOf('', task.declaration).filter(({ what }) => what !== 'task')
  if (renames.length === 0) return [taskFingerprint(task)]
  const namings = formerNamings(renames)
  const oldest = new Map(renames.map((one) => [one.name, one.former[0] ?? one.name]))
  const all = [oldest, ...namings.map((naming) => new Map([...naming].map(([one, name]) => [one.name, name])))]
  return [...new Set(all.map((renamed) => withHelpers(task, formerFingerprint(task.run, renamed))))]
})

/** The fingerprint that enters identities: the one with the oldest names. */
export const oldestFingerprint = (task: Task): string | null => formerFingerprints(task)[0] ?? null

/** Whether a fingerprint is that of a task's code, with present or former names. */
export const isCodeOf = (task: Task, fingerprint: string | null): boolean =>
  fingerprint === taskFingerprint(task) || formerFingerprints(task).includes(fingerprint)

/** A hash over the unprocessed source of the same code: while it is unchanged, so is the fingerprint. */
export const sourceHash = (task: Task): string | null => withHelpers(task, hashOfSource(task.run), hashOfSource)

/** Tasks made in a loop share their source. */
let latest = { source: '', hash: '' }

const hashOfSource = (code: Code): string => {
  const source = Function.prototype.toString.call(code)
  if (source !== latest.source) latest = { source, hash: shortHash(source) }
  return latest.hash
}

const withHelpers = ({ declaration }: Task, own: string | null, of = codeFingerprint): string | null => {
  if (declaration.helpers === undefined && declaration.codeOf.length === 0) return own
  const others = [...codeIn(declaration.helpers, of), ...declaration.codeOf.flatMap((item) => codeIn(item, of)).sort()]
  return own === null || others.length === 0 ? own : shortHash([own, ...others].join('\n'))
}

type Code = (...args: never[]) => unknown

/**
 * Fingerprints of a function or class, or of all in a module or record, with their names; values that represent code,
 * unchanged. Other values are ignored.
 */
const codeIn = (item: unknown, of: (code: Code) => string | null): readonly string[] => {
  if (typeof item === 'function') return [of(item as Code) ?? 'native']
  if (typeof item !== 'object' || item === null) return []
  if (isCodeText(item)) return [`text ${item.text}`]
  return Object.entries(item)
    .flatMap(([name, value]) => (typeof value === 'function' ? [`${name} ${of(value as Code) ?? 'native'}`] : []))
    .sort()
}

/** Code and lineage as one text, which `bless` accepts. */
export const codeState = ({
  code,
  lineage,
}: {
  readonly code: string | null
  readonly lineage?: string | undefined
}): string => `${code ?? 'unknown'}${lineage === undefined ? '' : ` ${lineage}`}`

const lineages = new WeakMap<ProjectIndex, WeakMap<PlanOutline, ReadonlyMap<string, string>>>()

/**
 * Lineages of a plan's nodes by full name: a hash over the code of the tasks of a node and its ancestors that declare
 * `onCodeChange: 'recompute'`. Nodes without any are missing. A result with another lineage was computed by other code.
 */
export const lineagesOf = (index: ProjectIndex, plan: PlanOutline): ReadonlyMap<string, string> => {
  if (!hasRecompute(index)) return none
  const plans = lineages.get(index) ?? new WeakMap<PlanOutline, ReadonlyMap<string, string>>()
  lineages.set(index, plans)
  const known = plans.get(plan)
  if (known !== undefined) return known
  const made = makeLineages(index, plan, taskFingerprint, (_, role) => role)
  plans.set(plan, made)
  return made
}

/** Lineages under former names; by present full names. */
export const formerLineages = (index: ProjectIndex, plan: PlanOutline, names: Names): ReadonlyMap<string, string> => {
  if (!hasRecompute(index)) return none
  const fingerprint = (task: Task, name: string): string | null => {
    const renamed = names.of(name).filter(([{ what }]) => what !== 'task')
    if (renamed.length === 0) return taskFingerprint(task)
    return withHelpers(task, formerFingerprint(task.run, new Map(renamed.map(([one, before]) => [one.name, before]))))
  }
  return makeLineages(index, plan, fingerprint, names.input)
}

const makeLineages = (
  index: ProjectIndex,
  plan: PlanOutline,
  fingerprint: (task: Task, name: string) => string | null,
  roleOf: (task: string, role: string) => string,
): ReadonlyMap<string, string> => {
  const made = new Map<string, string>()
  for (const node of plan.nodes) {
    const task = index.taskOf(node.task)
    const parts: string[] =
      task?.declaration.onCodeChange === 'recompute' ? [fingerprint(task, node.task) ?? 'unknown'] : []
    const roles = Object.keys(node.inputs).map((role) => [roleOf(node.task, role), node.inputs[role] ?? null] as const)
    for (const [role, bound] of roles.sort(byRole)) for (const one of partsOf(role, bound, made)) parts.push(one)
    if (parts.length > 0) made.set(node.id, shortHash(parts.join('\n')))
  }
  return made
}

const byRole = ([left]: readonly [string, BoundInput], [right]: readonly [string, BoundInput]): number =>
  left < right ? -1 : 1

const none: ReadonlyMap<string, string> = new Map()

/** Checked first: most projects have no such task. */
const hasRecompute = oncePer((index: ProjectIndex): boolean =>
  [...index.entries.values()].some(({ task }) => task.declaration.onCodeChange === 'recompute'),
)

const partsOf = (role: string, bound: BoundInput, made: ReadonlyMap<string, string>): readonly string[] => {
  if (bound === null) return []
  const named: readonly (readonly [string, string])[] =
    typeof bound === 'string' ? [['', bound]] : Object.entries(bound).sort(([left], [right]) => (left < right ? -1 : 1))
  return named.flatMap(([recordKey, id]) => {
    const lineage = made.get(id)
    return lineage === undefined ? [] : [`${role} ${recordKey} ${lineage}`]
  })
}
