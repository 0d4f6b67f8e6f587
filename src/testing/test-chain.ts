import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { randomUUID } from 'node:crypto'
import { memoryStore } from '../adapters/memory-store/memory-store.js'
import { documentOf } from '../config/document.js'
import type { ConfigDocument } from '../config/config-types.js'
import type { Input } from '../declare/input.js'
import { joinNamespaces, partsOf, type NameParts } from '../declare/names.js'
import { defineProject, type Modules, type Project, type ProjectOptions } from '../declare/project.js'
import { enoughFor } from './enough-resources.js'
import { readyObjects } from '../declare/ready-objects.js'
import { isTask, makeTask, type Task } from '../declare/task.js'
import { warningsBeside, withWarnings, type PlanError } from '../errors.js'
import { indexProject } from '../plan/names/project-index.js'
import { orThrow, stagedPlan } from '../plan/plan-documents.js'
import type { Plan } from '../plan/plan-types.js'
import { makeChain, oneOrMore } from '../runtime/chain/chain.js'
import type { Chain, TaskHandle, Wanted } from '../runtime/chain/chain-types.js'
import { systemClock } from '../runtime/session/system-clock.js'
import type { Listener } from '../runtime/ports/events.js'
import type { Store } from '../runtime/ports/store.js'
import { makeSession } from '../runtime/session/session.js'
import { inConfigForms, withReady } from './ready-params.js'
import { isWrapper, rewired, standIn } from './rewire.js'
import { keepingLog } from './silent-log.js'
import { nonEmpty, valueIn } from '../base/present.js'

/** A value that replaces a task. Created by `mock`. */
export interface Mock {
  readonly _tag: 'Mock'
  /** The task, or its name if inputs find it by name. */
  readonly task: Task | string
  readonly value: unknown
}

/**
 * Replaces a task by a value; the task's own inputs are then not needed. Given a name, it resolves inputs by name
 * (`ref`, `matching`), whether or not the test has such a task.
 *
 * @example
 * const chain = testChain({ tasks: [filtered], mocks: [mock(allMovies, [movie(2000)])] })
 * await chain.value(filtered) // => [movie(2000)]
 */
export const mock = <A>(task: Task<A> | string, value: NoInfer<A>): Mock =>
  Object.freeze({ _tag: 'Mock', task: task, value })

/** The parts of a chain under test. */
export interface TestChainSpec {
  /** Tasks under test: a list of tasks, or pipelines as in `defineProject` if names matter. */
  readonly tasks: readonly Task[] | Modules
  readonly mocks?: readonly Mock[]
  /**
   * Config values for all tasks, by config name or by the param's own name; may include ready objects, real or fake.
   */
  readonly params?: Readonly<Record<string, unknown>>
  /** Values for single namespaces, merged over `params`. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly objects?: ProjectOptions['objects']
  readonly globals?: ProjectOptions['globals']
  /** Default: a new store in memory. */
  readonly store?: Store
  readonly onEvent?: Listener
}

/** A chain in memory that is queried with the task values of the test. */
export interface TestChain {
  readonly plan: Plan
  readonly store: Store
  value<A>(task: Task<A>): Promise<A>
  task<A>(task: Task<A>): TaskHandle<A>
  in(namespace: string): TestChain
  run: Chain['run']
  force: Chain['force']
  states: Chain['states']
}

/**
 * A chain of tasks in memory: values pass through codecs and formats as they would on disk, and a `run` that changes a
 * value it was given fails. Throws `TaskchainError` if the tasks cannot be planned.
 *
 * @example
 * const chain = testChain({
 *   tasks: [filtered, counted],
 *   mocks: [mock(allMovies, [movie(2000)])],
 *   params: { minVotes: 0 },
 * })
 * await chain.value(counted) // => 1
 */
export const testChain = (spec: TestChainSpec): TestChain => {
  const named = namedTasks(spec.tasks)
  const mocks = new Map<Task, Task>()
  const mockedNames: string[] = []
  const own = new Map(named)
  for (const { task, value } of spec.mocks ?? []) {
    const stand = standIn(value)
    const replaced = typeof task === 'string' ? taskNamed(own, task) : task
    mocks.set(replaced ?? stand, stand)
    if (typeof task !== 'string' || replaced !== undefined) continue
    const twin = mockedNames.find((name) => nameOfMock(name) === nameOfMock(task))
    if (twin !== undefined)
      throw new Error(`testChain: the mocks '${twin}' and '${task}' replace the same task; give one value`)
    named.set(stand, nameOfMock(task))
    mockedNames.push(task)
  }
  for (const task of Array.from(named.keys()))
    for (const input of innerTasks(task))
      if (mocks.has(input) && !named.has(input)) named.set(input, `mocks:${nameIn(input, named.size)}`)
  const ready = readyObjects(spec.store === undefined ? undefined : randomUUID())
  const declared = projectOf(spec, named, finalTasks(named, mocks))
  const values = (given: Readonly<Record<string, unknown>>) =>
    inConfigForms(declared, configValues(declared, given), ready)
  const params = values(spec.params ?? {})
  const namespaces = Object.fromEntries(
    Object.entries(spec.namespaces ?? {}).map(([name, given]) => [name, values(given)]),
  )
  const project = withReady(declared, ready)
  const plan = planned(project, { ...spec, params, namespaces }, named, mockedNames)
  const store = spec.store ?? memoryStore()
  const session = makeSession({
    project,
    index: indexProject(project),
    store,
    clock: systemClock,
    log: keepingLog(),
    concurrency: 4,
    checkMutation: true,
    ...(spec.onEvent === undefined ? {} : { listener: spec.onEvent }),
  })
  const face = (chain: Chain): TestChain => {
    const own = (task: Task): string => named.get(task) ?? ''
    // typed as the value of the given task
    const handle = <A>(task: Task<A>): TaskHandle<A> => chain.task(own(task)) as TaskHandle<A>
    const ownOf = (one: Wanted): string => (isTask(one) ? own(one) : one)
    return {
      plan,
      store,
      value: async (task) => handle(task).value(),
      task: handle,
      in: (namespace) => face(chain.in(namespace)),
      run: (tasks: readonly Wanted[] | undefined, options) => chain.run(tasks?.map(ownOf), options),
      force: (tasks: Wanted | readonly Wanted[], options) => chain.force(oneOrMore(tasks).map(ownOf), options),
      states: (tasks: readonly Wanted[] | undefined) => chain.states(tasks?.map(ownOf)),
    }
  }
  return face(makeChain(session, plan))
}

const isTaskList = (tasks: TestChainSpec['tasks']): tasks is readonly Task[] => Array.isArray(tasks)

/** Full names of the tasks under test: from their pipelines, or generated for a list. */
const namedTasks = (tasks: TestChainSpec['tasks']): Map<Task, string> => {
  if (isTaskList(tasks))
    return new Map(tasks.map((task, index) => [task, `${task.declaration.group ?? 'test'}:${nameIn(task, index)}`]))
  const index = indexProject(defineProject({ pipelines: tasks }))
  return new Map([...index.entries].map(([name, { task }]) => [task, name]))
}

/** The task of a name, with or without its group, as inputs by name find it. */
const taskNamed = (named: ReadonlyMap<Task, string>, name: string): Task | undefined => {
  const found = [...named].filter(([, fullName]) => fullName === name || partsOf(fullName).name === name)
  return found.length === 1 ? found[0]?.[0] : undefined
}

const nameOfMock = (mocked: string): string => {
  const { namespace, group, name } = partsOf(mocked)
  return [
    group === '' ? ['mocks', ...namespace.split('::').filter((part) => part !== '')].join(':') : group,
    name,
  ].join(':')
}

const nameIn = (task: Task, index: number): string => task.declaration.name ?? `task_${index + 1}`

const under = (task: Task, name: string): Task => {
  const parts = partsOf(name)
  return makeTask(Object.freeze({ ...task.declaration, name: parts.name, group: parts.group }), task.run)
}

const innerTasks = (task: Task): readonly Task[] =>
  Object.values(task.declaration.inputs).flatMap((input) => inner(input))
const inner = (input: Input): readonly Task[] => (isTask(input) ? [input] : isWrapper(input) ? inner(input.input) : [])

/** Final tasks by original: names are fixed first, then inputs are redirected to final tasks, dependencies first. */
const finalTasks = (named: ReadonlyMap<Task, string>, mocks: ReadonlyMap<Task, Task>): ReadonlyMap<Task, Task> => {
  const final = new Map<Task, Task>()
  const finish = (task: Task): Task => {
    const known = final.get(task)
    if (known !== undefined) return known
    const name = named.get(task)
    const base = mocks.get(task) ?? rewired(task, finish)
    const made = name === undefined ? base : under(base, name)
    final.set(task, made)
    return made
  }
  for (const task of named.keys()) finish(task)
  return final
}

const projectOf = (spec: TestChainSpec, named: ReadonlyMap<Task, string>, final: ReadonlyMap<Task, Task>): Project =>
  enoughFor(
    defineProject({
      pipelines: {
        test: Object.fromEntries([...named.keys()].map((task, index) => [`task${index}`, valueIn(final, task)])),
      },
      ...(spec.objects === undefined ? {} : { objects: spec.objects }),
      ...(spec.globals === undefined ? {} : { globals: spec.globals }),
    }),
  )

/** One config per namespace, each with the tasks read there; the first has all tasks at the top. */
const planned = (
  project: Project,
  spec: TestChainSpec,
  named: ReadonlyMap<Task, string>,
  mockedNames: readonly string[],
): Plan => {
  const { taskOf } = indexProject(project)
  const needed = new Map<string, Set<string>>([['', new Set()]])
  const waiting: { readonly task: Task; readonly namespace: string }[] = []
  const need = (namespace: string, task: Task): void => {
    const name = indexProject(project).nameOf(task)
    const here = needed.get(namespace) ?? new Set<string>()
    needed.set(namespace, here)
    if (name === undefined || here.has(name)) return
    here.add(name)
    waiting.push({ task, namespace })
  }
  const follow = (input: Input, namespace: string): void => {
    if (isTask(input)) need(namespace, input)
    else if (input._tag === 'InNamespace') follow(input.input, joinNamespaces(namespace, input.namespace))
    else if (input._tag === 'Optional' || input._tag === 'Lazy' || input._tag === 'AsPath')
      follow(input.input, namespace)
    else if (input._tag === 'Ref') followName(partsOf(input.name), namespace)
  }
  /** A mock without a namespace applies in each namespace where its name is requested. */
  const followName = (asked: NameParts, namespace: string): void => {
    const sameName = mockedNames.filter((one) => partsOf(one).name === asked.name && partsOf(one).namespace === '')
    for (const name of sameName) needNamed(name, joinNamespaces(namespace, asked.namespace))
  }
  const needNamed = (name: string, namespace: string): void => {
    const task = taskOf(nameOfMock(name))
    if (task !== undefined) need(namespace, task)
  }
  for (const name of mockedNames) needNamed(name, partsOf(name).namespace)
  const own = [...named.values()].filter((name) => !mockedNames.some((mocked) => nameOfMock(mocked) === name))
  const asked = isTaskList(spec.tasks) ? spec.tasks.map((task) => valueIn(named, task)) : own
  for (const name of asked) {
    const task = taskOf(name)
    if (task !== undefined) need('', task)
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const input of Object.values(next.task.declaration.inputs)) follow(input, next.namespace)
  const documents = new Map<string, ConfigDocument>()
  const inner = [...needed.keys()].filter((namespace) => namespace !== '')
  const config = (namespace: string): object => ({
    tasks: [...(needed.get(namespace) ?? [])],
    ...spec.params,
    ...spec.namespaces?.[namespace],
    ...(namespace === '' ? { uses: inner.map((one) => `${one.replaceAll('::', '.')} as ${one}`) } : {}),
  })
  for (const namespace of needed.keys())
    documents.set(
      namespace === '' ? 'test' : namespace.replaceAll('::', '.'),
      orThrow(documentOf(namespace === '' ? 'test' : namespace.replaceAll('::', '.'), config(namespace))),
    )
  return orThrow(E.mapLeft(inTest)(stagedPlan(project, { documents, entry: 'test' }, {}).planned()))
}

/** Tests have no project to export a task from. */
const inTest = (errors: NonEmptyArray<PlanError>): NonEmptyArray<PlanError> => {
  const shown = errors.map((error) => (error._tag === 'InputNotExported' ? { ...error, inTest: true } : error))
  return withWarnings(nonEmpty(shown), warningsBeside(errors))
}

/** Params by config name, whichever of the two names a test uses. */
const configValues = (
  project: Project,
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const inConfig = new Map(
    [...indexProject(project).entries.values()].flatMap((entry) =>
      entry.params.map((one) => [one.name, one.nameInConfig] as const),
    ),
  )
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [inConfig.get(name) ?? name, value]))
}
