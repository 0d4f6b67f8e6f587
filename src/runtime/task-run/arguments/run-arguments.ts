import * as E from 'fp-ts/lib/Either.js'
import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { firstProblem, show } from '../../../declare/codec/codec.js'
import type { InputHandle, Task } from '../../../declare/task.js'
import type { RunError } from '../../../errors.js'
import { readable } from '../../../explain/readable.js'
import { givenSecrets, hasSecrets } from '../../../plan/params/given-secrets.js'
import { paramsOf, type RefusedParam } from '../../../plan/params/run-params.js'
import { plannedOf } from '../../../plan/plan-graph.js'
import type { BoundInput, NodeOutline, PlanOutline } from '../../../plan/plan-types.js'
import { findNode } from '../../../plan/names/find-node.js'
import { eagerRoles, rolesOf, takesContext, type Role } from './roles.js'
import type { Session } from '../../session/session.js'
import { isObject } from '../../../base/records.js'
import { messageOf } from '../../../base/thrown.js'

/** Gives a running task the value of a node, or its path, by full name; loads or computes it if needed. */
export type Lend = (id: string, byPath?: boolean) => Promise<unknown>

/** A node's params as `run` gets them, on this machine and in this process. */
export const runParams = (
  session: Pick<Session, 'filesOf' | 'index' | 'project' | 'root' | 'secrets'>,
  item: { readonly plan: PlanOutline; readonly node: NodeOutline },
  task: Task,
  lend: Lend,
  fileMet?: (path: string, sha256: string) => void,
): E.Either<RunError, Readonly<Record<string, unknown>>> => {
  const { learn, mask } = session.secrets
  const planned = plannedOf(item)
  const { plan, node } = planned
  const given = hasSecrets(session.index) ? givenSecrets(node) : undefined
  const value = (name: string): Promise<unknown> => {
    const found = findNode(plan, name, node.namespace)
    return E.isLeft(found) ? Promise.reject(new Error(`'${name}' is not in the chain`)) : lend(found.right.id)
  }
  const surroundings = {
    objects: session.index.objects,
    globals: session.project.globals,
    environment: process.env,
    resolvePath: (path: string) => resolve(session.root, path),
    filesOf: session.filesOf,
    secretMet: learn,
    fileMet,
    context: { chain: () => ({ value }) },
  }
  return E.mapLeft(({ param, thrown }: RefusedParam): RunError => {
    const cause = readable(thrown)
    const problem = mask().text(messageOf(cause))
    return { _tag: 'ObjectNotMade', node: node.id, param, problem }
  })(paramsOf(planned, given, task, surroundings))
}

export interface ArgumentParts {
  readonly node: NodeOutline
  readonly task: Task
  readonly params: Readonly<Record<string, unknown>>
  /** Values or paths of the nodes that were awaited. */
  readonly valueOf: (id: string, byPath: boolean) => unknown
  readonly lend: Lend
}

export interface Arguments {
  readonly values: Readonly<Record<string, unknown>>
  /** Takes a snapshot of the inputs; the returned function reports the first one that has changed since. */
  readonly watch: () => () => RunError | undefined
}

/** The arguments of `run`: inputs as values, thunks or fallbacks, and params, each under its own name. */
export const argumentsOf = (parts: ArgumentParts): E.Either<RunError, Arguments> => {
  const { node, task } = parts
  const eager = eagerRoles(task)
  const values: Record<string, unknown> = { ...parts.params }
  for (const role of rolesOf(task)) {
    const bound = node.inputs[role.name]
    if (bound === null || bound === undefined)
      values[role.name] =
        role.lazy && role.fallback?.outside !== true ? async () => role.fallback?.value : role.fallback?.value
    else if (role.lazy) values[role.name] = thunk(parts, role, bound)
    else if (eager.includes(role)) {
      const value =
        typeof bound === 'string'
          ? parts.valueOf(bound, role.byPath)
          : valueAt(bound, (id) => parts.valueOf(id, role.byPath))
      const wrong = wrongInput(node, role, bound, value)
      if (wrong !== undefined) return E.left(wrong)
      values[role.name] = value
    }
  }
  const watch = () => {
    const before = eager.map(({ name }) => [name, picture(values[name])] as const)
    return (): RunError | undefined => {
      const changed = before.find(([role, was]) => was !== undefined && !samePicture(was, picture(values[role]) ?? was))
      return changed === undefined
        ? undefined
        : { _tag: 'InputChanged', node: node.id, role: changed[0], from: sourceOf(node.inputs[changed[0]]) }
    }
  }
  return E.right({ values, watch })
}

/** A call of `run` that still lacks the rest of its context. */
export const callOf = (
  parts: ArgumentParts,
  args: Readonly<Record<string, unknown>>,
): ((context: object) => unknown) => {
  const run = parts.task.run as (args: unknown, context?: unknown) => unknown
  if (!takesContext(parts.task)) return () => run(args)
  const inputs = handlesOf(parts)
  return (context) =>
    run(args, { ...context, params: parts.params, inputs: Object.assign(Object.values(inputs), inputs) })
}

/** Inputs as handles, by role, for `context.inputs`. */
const handlesOf = (parts: Pick<ArgumentParts, 'node' | 'task' | 'lend'>): Readonly<Record<string, InputHandle>> =>
  Object.fromEntries(
    rolesOf(parts.task).map((role): [string, InputHandle] => {
      const bound = parts.node.inputs[role.name] ?? null
      return [
        role.name,
        {
          name: typeof bound === 'string' ? bound : bound === null ? '' : role.pattern,
          value: bound === null ? async () => role.fallback?.value : requestInput(parts, role, bound),
        },
      ]
    }),
  )

/** A thunk that requests its value once, however often it is called. */
const thunk = (
  parts: Pick<ArgumentParts, 'node' | 'lend'>,
  role: Role,
  bound: NonNullable<BoundInput>,
): (() => Promise<unknown>) => requestInput(parts, role, bound)

const requestInput = (
  parts: Pick<ArgumentParts, 'node' | 'lend'>,
  role: Role,
  bound: NonNullable<BoundInput>,
): (() => Promise<unknown>) => {
  let answer: Promise<unknown> | undefined
  const ask = async (): Promise<unknown> => {
    const ids = typeof bound === 'string' ? [bound] : Object.values(bound)
    const values = new Map(await Promise.all(ids.map(async (id) => [id, await parts.lend(id, role.byPath)] as const)))
    const value = valueAt(bound, (id) => values.get(id))
    const wrong = wrongInput(parts.node, role, bound, value)
    if (wrong !== undefined && wrong._tag === 'WrongInput') throw new Error(`input ${role.name}: ${wrong.problem}`)
    return value
  }
  return () => (answer ??= ask())
}

const valueAt = (bound: NonNullable<BoundInput>, valueOf: (id: string) => unknown): unknown =>
  typeof bound === 'string'
    ? valueOf(bound)
    : Object.fromEntries(Object.entries(bound).map(([name, id]) => [name, valueOf(id)]))

/** The value of an input that was found by name is checked against its stated type. */
const wrongInput = (
  node: NodeOutline,
  role: Role,
  bound: NonNullable<BoundInput>,
  value: unknown,
): RunError | undefined => {
  const { stated } = role
  if (stated === undefined) return undefined
  const parts: readonly unknown[] = role.matching && isObject(value) ? Object.values(value) : [value]
  const wrong = parts.find((part) => !stated.is(part))
  if (wrong === undefined && parts.every((part) => stated.is(part))) return undefined
  const outcome = stated.decode(wrong)
  return {
    _tag: 'WrongInput',
    node: node.id,
    role: role.name,
    from: sourceOf(bound),
    problem: E.isLeft(outcome) ? firstProblem(outcome.left).message : `expected ${stated.name}, got ${show(wrong)}`,
  }
}

const sourceOf = (bound: BoundInput | undefined): string =>
  bound === null || bound === undefined ? '' : typeof bound === 'string' ? bound : Object.values(bound).join(', ')

/** A value's bytes, for comparison; undefined for values that cannot be copied, such as functions. */
const picture = (value: unknown): Buffer | undefined => {
  try {
    return serialize(value)
  } catch {
    return undefined
  }
}

/**
 * V8 may serialize one number in two ways (an integer field that became a double field), so bytes that differ are
 * decoded and compared before they count as a change.
 */
const samePicture = (before: Buffer, after: Buffer): boolean =>
  before.equals(after) || isDeepStrictEqual(deserialize(before), deserialize(after))
