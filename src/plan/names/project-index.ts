import { rememberCopies } from '../../declare/codec/codec-mode.js'
import { pushTo } from '../../base/grouping.js'
import { oncePer, oncePerText } from '../../base/once-per.js'
import type { PlanError } from '../../errors.js'
import { isSafeName, snake, taskNameOf } from '../../declare/names.js'
import type { ObjectDefinition, ObjectRegistry } from '../../declare/object.js'
import { toParam, type Param } from '../../declare/param.js'
import type { Project } from '../../declare/project.js'
import { isTask, unrun, type Declaration, type Task } from '../../declare/task.js'
import { checkDeclaration, checkObject, isParamSpec } from '../check-declaration.js'
import { checkFormerNames } from '../check-former-names.js'
import { hasFormerNames } from './former-names.js'
import { byCodeUnit, isSorted } from '../../base/code-unit-order.js'
import { fieldOf, tagOf } from '../../base/records.js'
import { itemAt, valueIn } from '../../base/present.js'
import { messageOf } from '../../base/thrown.js'

/** A param of an indexed task, with its name in configs. */
export interface IndexedParam {
  readonly name: string
  readonly nameInConfig: string
  readonly declared: Param<unknown>
}

/** A task with its names in the project. */
export interface IndexedTask {
  readonly task: Task
  /** `group:name`. */
  readonly fullName: string
  readonly group: string
  readonly name: string
  /** Path of the pipeline that exports it, as the project sees it: `ratingModel`. */
  readonly pipeline: string
  /** Name of the export. */
  readonly key: string
  /** Its place among the tasks of the project. */
  readonly position: number
  readonly params: readonly IndexedParam[]
  /** Their positions in the order of keys, by name; undefined if that is the order of declaration. */
  readonly keyOrder: readonly number[] | undefined
}

/** A project's tasks and classes by name. Created once per project; `errors` are those of its declarations. */
export interface ProjectIndex {
  /** Tasks that can be part of a chain, by `group:name`. */
  readonly entries: ReadonlyMap<string, IndexedTask>
  /** Such a task by its name. */
  readonly taskOf: (fullName: string) => Task | undefined
  /** What a task value is called; undefined if no pipeline exports it. */
  readonly entryOf: (task: Task) => IndexedTask | undefined
  /** Number of tasks that have a position. */
  readonly positions: number
  /** Tasks that have former names, or whose params or inputs have. */
  readonly renamed: ReadonlyMap<string, Task>
  /** Whether no two params are read from the same name in configs. */
  readonly distinctParams: boolean
  /** `group:name` of the abstract tasks. */
  readonly abstractNames: readonly string[]
  /** `group:name` of a task value; undefined if no pipeline exports it. */
  readonly nameOf: (task: Task) => string | undefined
  /** Path of the pipeline that exports a task, as in `defineProject`: `ratingModel`; null for an unknown name. */
  readonly moduleOf: (fullName: string) => string | null
  /** Parameter-object classes by their name in configs. */
  readonly objects: ObjectRegistry
  /** Distinct params as declared by tasks, including abstract ones: tasks share few bare codecs. */
  readonly declared: ReadonlySet<Param<unknown>>
  readonly errors: readonly PlanError[]
}

/**
 * Names every task of a project and checks the declarations.
 * Reads the pipelines once per project value; never throws.
 */
export const indexProject = oncePer((project: Project): ProjectIndex => makeIndex(project))

const makeIndex = (project: Project): ProjectIndex => {
  const errors: PlanError[] = []
  const { entries, names, declared } = namedTasks(project, errors)
  const positions = entries.size
  const abstractNames: string[] = []
  const renamed = new Map<string, Task>()
  const namesRead = new Set<string>()
  let params = 0
  const anyFormer = [...declared.keys()].some((spec) => fieldOf(spec, 'formerly') !== undefined)
  entries.forEach((entry, name) => {
    const { task } = entry
    if (task.declaration.abstract) return void abstractNames.push(name)
    if (hasFormerNames(task.declaration, anyFormer)) renamed.set(name, task)
    params += entry.params.length
    for (let at = 0; at < entry.params.length; at++) namesRead.add(itemAt(entry.params, at).nameInConfig)
  })
  for (const name of abstractNames) entries.delete(name)
  for (const alike of similarNames(entries)) errors.push({ _tag: 'SimilarNames', names: alike })
  for (const one of checkFormerNames(renamed, entries)) errors.push(one)
  const objects = registryOf(project, errors)
  rememberCopies(objects, [...Array.from(entries.values(), ({ task }) => task), ...project.objects])
  return Object.freeze({
    entries,
    taskOf: (fullName: string) => entries.get(fullName)?.task,
    entryOf: (task: Task) => names.get(task),
    positions,
    renamed,
    distinctParams: namesRead.size === params,
    abstractNames: abstractNames.sort(byCodeUnit),
    nameOf: (task: Task) => names.get(task)?.fullName,
    moduleOf: (fullName: string) => entries.get(fullName)?.pipeline ?? null,
    objects,
    declared: new Set(declared.values()),
    errors,
  })
}

interface NamedTasks {
  readonly entries: Map<string, IndexedTask>
  /** The first entry that has the name of a task: of another task, if both have the same. */
  readonly names: ReadonlyMap<Task, IndexedTask>
  /** Distinct params, by spec as declared. */
  readonly declared: ReadonlyMap<unknown, Param<unknown>>
}

/** All tasks that pipelines export, by name, and names by task; conflicting names are errors. */
const namedTasks = (project: Project, errors: PlanError[]): NamedTasks => {
  const entries = new Map<string, IndexedTask>()
  const names = new Map<Task, IndexedTask>()
  const further = new Map<Task, Set<string>>()
  const exports = new Map<string, Set<string>>()
  const clashing = new Set<string>()
  const isSafeGroup = oncePerText((group) => group.split(':').every(isSafeName))
  const specs = new Map<unknown, Param<unknown>>()
  const found = (task: Task, groupHere: string, pipeline: string, key: string): void => {
    const { declaration } = task
    const group = declaration.group ?? groupHere
    const name = declaration.name ?? taskNameOf(key)
    const fullName = `${group}:${name}`
    const earlierName = names.get(task)?.fullName
    if (earlierName !== undefined && earlierName !== fullName) addTo(further, task, fullName)
    const earlier = entries.get(fullName)
    if (earlier !== undefined) {
      if (earlierName === undefined) names.set(task, earlier)
      addTo(exports, fullName, `${pipeline}.${key}`)
      if (earlier.task !== task) clashing.add(fullName)
      return
    }
    if (!isSafeGroup(group) || !isSafeName(name)) errors.push(unsafeName(group, name, `${pipeline}.${key}`))
    const paramNames = Object.keys(declaration.params)
    const params = paramsOf(declaration, paramNames, specs)
    checkDeclaration(fullName, declaration, params, params.length === paramNames.length, errors)
    const keyOrder = isSorted(paramNames) ? undefined : orderByName(params)
    const position = entries.size
    const entry: IndexedTask = { task, fullName, group, name, pipeline, key, position, params, keyOrder }
    entries.set(fullName, entry)
    if (earlierName === undefined) names.set(task, entry)
  }
  walkExports(project, found, errors)
  for (const name of clashing) {
    const exported = new Set([exportOf(valueIn(entries, name)), ...valueIn(exports, name)])
    errors.push({ _tag: 'NameClash', name, exports: [...exported].sort(byCodeUnit) })
  }
  for (const [task, taken] of further)
    if (!task.declaration.abstract)
      errors.push({ _tag: 'SameTaskTwice', names: [valueIn(names, task).fullName, ...taken].sort(byCodeUnit) })
  return { entries, names, declared: specs }
}

/**
 * Names that differ only in case: names become paths, and many file systems ignore case. Safe names are ASCII, so no
 * other characters can be confused.
 */
const similarNames = (entries: ReadonlyMap<string, unknown>): readonly (readonly string[])[] => {
  let isLowerCase = true
  entries.forEach((_, name) => (isLowerCase &&= name === name.toLowerCase()))
  if (isLowerCase) return []
  const alike = new Map<string, string[]>()
  for (const name of entries.keys()) {
    const folded = name.toLowerCase()
    pushTo(alike, folded, name)
  }
  return [...alike.values()].filter(({ length }) => length > 1).map((group) => group.sort(byCodeUnit))
}

const exportOf = ({ pipeline, key }: IndexedTask): string => `${pipeline}.${key}`

const addTo = <K, V>(sets: Map<K, Set<V>>, key: K, value: V): void => {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

/** Visits every task in modules and in plain records inside them, including abstract ones. */
const walkExports = (
  project: Project,
  found: (task: Task, group: string, pipeline: string, key: string) => void,
  errors: PlanError[],
): void => {
  const walk = (record: object, group: string, path: string, above: readonly object[]): void => {
    const keys = Object.keys(record)
    for (const key of keys) {
      const value = readExport(record, key, path, errors)
      if (isTask(value)) {
        if (group === '') errors.push(notAPipeline(key, 'a task'))
        else if (
          !isInterop(key) ||
          !keys.some((other) => other !== key && readExport(record, other, path, []) === value)
        )
          found(value, group, path, key)
      } else if (isUnfinished(value)) {
        errors.push({
          _tag: 'InvalidDeclaration',
          task: below(path, key),
          problem: 'is a task without a computation',
          hint: "add '.run(…)' to its declaration",
        })
      } else if (isRecord(value)) {
        if (!isInterop(key) && above.length < deepest && !above.includes(value))
          walk(value, group === '' ? snake(key) : `${group}:${snake(key)}`, below(path, key), [...above, value])
      } else if (group === '') errors.push(notAPipeline(key, value === null ? 'null' : typeof value))
    }
  }
  if (isRecord(project.pipelines)) walk(project.pipelines, '', '', [])
  else errors.push(notAPipeline('pipelines', typeof project.pipelines))
}

/** Maximum nesting of groups: more than anyone uses, few enough to walk. */
const deepest = 16

const notAPipeline = (exportedAs: string, what: string): PlanError => ({
  _tag: 'InvalidDeclaration',
  task: exportedAs,
  problem: `pipelines must be records of tasks, this is ${what}`,
  hint: "import a module as a whole ('import * as movies') and list it under pipelines",
})

/** `export default` and CommonJS additions repeat exports that already have a name. */
const isInterop = (key: string): boolean => key === 'default' || key === 'module.exports'

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/** A module in an import cycle throws if an export is read too early. */
const readExport = (record: object, key: string, path: string, errors: PlanError[]): unknown => {
  try {
    return fieldOf(record, key)
  } catch (cause) {
    const problem = `the export cannot be read: ${messageOf(cause)}`
    errors.push({
      _tag: 'InvalidDeclaration',
      task: below(path, key),
      problem,
      hint: "modules that import each other: take one of the inputs by name, ref('group:name', codec)",
    })
    return undefined
  }
}

/** Whether a value is the result of `defineTask` without `.run(…)`. */
const isUnfinished = (value: unknown): boolean => tagOf(value) === unrun

/** Modules and plain objects; a tagged value (input, format, class of objects) is not a pipeline. */
const isRecord = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, '_tag')) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // a module's prototype is null, but for Bun
  return (
    prototype === null || prototype === Object.prototype || Object.prototype.toString.call(value) === '[object Module]'
  )
}

const unsafeName = (group: string, name: string, exportedAs: string): PlanError => {
  const segment = group.split(':').find((one) => !isSafeName(one))
  return {
    _tag: 'UnsafeName',
    place: undefined,
    what: `${segment === undefined ? 'task name' : 'group'} of the export ${exportedAs}`,
    name: segment ?? name,
  }
}

/** Params of a task; invalid ones are reported with the declaration. `known` caches normalized specs. */
const paramsOf = (
  { params }: Declaration,
  names: readonly string[],
  known: Map<unknown, Param<unknown>>,
): readonly IndexedParam[] => {
  const read = names.map((name): IndexedParam | undefined => {
    const spec: unknown = params[name]
    let declared = known.get(spec)
    if (declared === undefined) {
      if (!isParamSpec(spec)) return undefined
      known.set(spec, (declared = toParam(spec)))
    }
    return { name, nameInConfig: declared.nameInConfig ?? snake(name), declared }
  })
  return read.every((param) => param !== undefined) ? read : read.filter((param) => param !== undefined)
}

const orderByName = (params: readonly IndexedParam[]): readonly number[] =>
  [...params.keys()].sort((left, right) => byCodeUnit(itemAt(params, left).name, itemAt(params, right).name))

const registryOf = (project: Project, errors: PlanError[]): ObjectRegistry => {
  const registry = new Map<string, ObjectDefinition>()
  for (const definition of project.objects) {
    const earlier = registry.get(definition.className)
    if (earlier === definition) continue
    for (const one of checkObject(definition)) errors.push(one)
    if (earlier === undefined) registry.set(definition.className, definition)
    else
      errors.push({
        _tag: 'NameClash',
        name: definition.className,
        exports: [`defineObject('${definition.className}')`, `another defineObject('${definition.className}')`],
      })
  }
  return registry
}
