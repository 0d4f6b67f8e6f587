import * as E from 'fp-ts/lib/Either.js'
import { memoryStore } from '../adapters/memory-store/memory-store.js'
import { documentOf } from '../config/document.js'
import { lazy, type Input } from '../declare/input.js'
import { snake } from '../declare/names.js'
import { param, toParam, type Param, type ParamSpec } from '../declare/param.js'
import { defineProject, type ProjectOptions } from '../declare/project.js'
import { notTaken } from '../declare/secret.js'
import { enoughFor } from './enough-resources.js'
import { isObjectForm, readyObjects } from '../declare/ready-objects.js'
import { makeTask, type Task } from '../declare/task.js'
import { taskchainError } from '../explain.js'
import { indexProject } from '../plan/names/project-index.js'
import { outlineOf } from '../plan/plan-graph.js'
import { orThrow, stagedPlan } from '../plan/plan-documents.js'
import { errorOf } from '../runtime/chain/task-handle.js'
import { systemClock } from '../runtime/session/system-clock.js'
import type { RunEvent } from '../runtime/ports/events.js'
import { interpret } from '../runtime/engine/interpret.js'
import type { LogLine } from '../runtime/ports/log.js'
import { rolesOf } from '../runtime/task-run/arguments/roles.js'
import { parseRunInfo } from '../runtime/run-info/run-info.js'
import { makeSession } from '../runtime/session/session.js'
import { addressOf } from '../plan/names/artifact-address.js'
import { registerObjects, withReady } from './ready-params.js'
import { standIn } from './rewire.js'
import { keepingLog } from './silent-log.js'
import type { Fields } from '../base/records.js'
import { fieldIn } from '../base/present.js'

/** Inputs and params for a task under test. */
export interface TestTaskOptions<Args> {
  /** Values of inputs by role; matching inputs as records, lazy ones as thunks. Optional inputs may be omitted. */
  readonly inputs?: { readonly [Role in keyof Args]?: Args[Role] }
  /**
   * Values of params by name: objects as instances, real or fake, or as `{ class: … }`. Params with defaults may be
   * omitted.
   */
  readonly params?: {
    readonly [Name in keyof Args]?:
      | Args[Name]
      | { readonly class: string; readonly args?: readonly unknown[]; readonly kwargs?: object }
  }
  /** Classes that `{ class: … }` may name. */
  readonly objects?: ProjectOptions['objects']
}

/** Everything a run produces. */
export interface Inspected<Value> {
  readonly value: Value
  /** Notes for the run info. */
  readonly notes: readonly unknown[]
  readonly log: readonly { readonly level: LogLine['level']; readonly message: string }[]
  readonly events: readonly RunEvent[]
}

/**
 * Runs one task with given arguments, through its codecs and its format, without files.
 * Rejects with `TaskchainError`, also if `run` changes a value it was given.
 *
 * @example
 * await testTask(filtered, {
 *   inputs: { allMovies: [movie(3), movie(2000)] },
 *   params: { minVotes: 1000 },
 * }) // => [movie(2000)]
 */
export const testTask = async <Value, Args>(
  task: Task<Value, Args>,
  given: TestTaskOptions<Args> = {},
): Promise<Value> => (await inspectTask(task, given)).value

/**
 * Like `testTask`, and also returns notes, log lines and events of the run.
 *
 * @example
 * const noted = defineTask({ data: t.number }).run((_, { note }) => {
 *   note({ rows: 3 })
 *   return 1
 * })
 * const { value, notes } = await inspectTask(noted)
 * value // => 1
 */
export const inspectTask = async <Value, Args>(
  task: Task<Value, Args>,
  given: TestTaskOptions<Args> = {},
): Promise<Inspected<Value>> => {
  const inputs: Fields = { ...given.inputs }
  const params: Fields = { ...given.params }
  const plain: Task = task
  const stands = Object.fromEntries(rolesOf(plain).map((role) => [role.name, standInFor(role, inputs)]))
  const alone = makeTask<Task>(
    Object.freeze({
      ...plain.declaration,
      name: plain.declaration.name ?? 'task',
      group: 'test',
      abstract: false,
      inputs: wired(plain, stands),
      params: withValues(plain.declaration.params, params),
    }),
    plain.run,
  )
  const ready = readyObjects()
  for (const [name, spec] of Object.entries(plain.declaration.params))
    if (name in params && !isObjectForm(params[name])) registerObjects(toParam(spec).codec, params[name], ready)
  const declared = defineProject({
    pipelines: { test: { task: alone, inputs: stands } },
    ...(given.objects === undefined ? {} : { objects: given.objects }),
  })
  const project = withReady(enoughFor(declared), ready)
  const documents = new Map([
    ['test', orThrow(documentOf('test', { tasks: '**', ...objectsIn(plain.declaration.params, params) }))],
  ])
  const plan = orThrow(stagedPlan(project, { documents, entry: 'test' }, {}).planned())
  const lines: LogLine[] = []
  const events: RunEvent[] = []
  const store = memoryStore()
  const session = makeSession({
    project,
    index: indexProject(project),
    store,
    clock: systemClock,
    log: keepingLog(lines),
    concurrency: 4,
    checkMutation: true,
    listener: (event) => void events.push(event),
  })
  const node = plan.nodes.find((one) => one.group === 'test')
  if (node === undefined) throw new Error('the task under test is not in its own plan')
  const { outcomes } = await interpret(session, { targets: [{ plan: outlineOf(plan), id: node.id, want: 'value' }] })
  const [outcome] = outcomes
  if (outcome?._tag !== 'value') throw taskchainError([errorOf(node, outcome)])
  const info = await store.readRunInfo(addressOf(node))
  const parsed = info === undefined ? undefined : parseRunInfo(info)
  return {
    value: outcome.value as Value, // the task's codec has accepted it
    notes: parsed !== undefined && E.isRight(parsed) ? parsed.right.log : [],
    log: lines.map(({ level, message }) => ({ level, message })),
    events,
  }
}

const standInFor = (role: ReturnType<typeof rolesOf>[number], inputs: Readonly<Record<string, unknown>>): Task => {
  if (!(role.name in inputs)) {
    if (role.fallback === undefined && !role.matching)
      throw new Error(`testTask: give a value for the input '${role.name}'`)
    return standIn(role.fallback === undefined ? {} : role.fallback.value)
  }
  const value = inputs[role.name]
  return role.lazy && typeof value === 'function'
    ? standInCall(() => Reflect.apply(value, undefined, []))
    : standIn(value)
}

const standInCall = (thunk: () => unknown): Task => {
  const made = standIn(undefined)
  return makeTask(made.declaration, () => thunk())
}

const wired = (task: Task, stands: Readonly<Record<string, Task>>): Readonly<Record<string, Input>> =>
  Object.fromEntries(
    rolesOf(task).map(({ name, lazy: isLazy }) => [name, isLazy ? lazy(fieldIn(stands, name)) : fieldIn(stands, name)]),
  )

/** Given values become defaults, so that they pass through the codec like any other. */
const withValues = (
  params: Readonly<Record<string, ParamSpec>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, ParamSpec>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, spec]) => {
      const { codec, nameInConfig, ignorePersistence, secret } = toParam(spec)
      if (!(name in given) || isObjectForm(given[name]) || secret) return [name, spec]
      return [
        name,
        param(codec, {
          default: given[name],
          ignorePersistence,
          ...(nameInConfig === undefined ? {} : { nameInConfig }),
        }),
      ]
    }),
  )

/**
 * Values that go through the config: objects, which are constructed from it, and secrets, which defaults would reveal.
 */
const objectsIn = (
  params: Readonly<Record<string, ParamSpec>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, spec]) => {
      const { codec, nameInConfig, secret } = toParam(spec)
      if (!isObjectForm(given[name]) && !(secret && name in given)) return []
      return [
        [
          nameInConfig ?? snake(name),
          secret && !isObjectForm(given[name]) ? encodedSecret(codec, given[name]) : given[name],
        ],
      ]
    }),
  )

/** An error thrown by a codec may contain the value. */
const encodedSecret = (codec: Param<unknown>['codec'], value: unknown): unknown => {
  try {
    return codec.encode(value)
  } catch {
    throw new TypeError(notTaken(codec, { secret: true }))
  }
}
