import type { PlanError } from '../errors.js'
import { isSafeName, snake, taskNameOf } from '../declare/names.js'
import type { ObjectDefinition, ObjectRegistry } from '../declare/object.js'
import { toParam, type Param } from '../declare/param.js'
import type { Project } from '../declare/project.js'
import { isTask, type Task } from '../declare/task.js'
import { checkDeclaration, checkObject, isParamSpec } from './check-declaration.js'
import { byCodeUnit } from './compare.js'

/** A param of an indexed task, with the name that configs use. */
export interface IndexedParam {
  readonly name: string
  readonly nameInConfig: string
  readonly declared: Param<unknown>
}

/** A task with the names that its project gives it. */
export interface IndexedTask {
  readonly task: Task
  /** `group:name`. */
  readonly fullName: string
  readonly group: string
  readonly name: string
  /** Where it is exported, as the project sees it: `ratingModel.trainX`. */
  readonly exportedAs: string
  readonly params: readonly IndexedParam[]
}

/** A project's tasks and classes by name. Made once per project; `errors` is what is wrong with its declarations. */
export interface ProjectIndex {
  /** Tasks that can be part of a chain, by `group:name`. */
  readonly tasks: ReadonlyMap<string, Task>
  /** The same with all that planning wants to know. */
  readonly entries: ReadonlyMap<string, IndexedTask>
  /** `group:name` of the tasks that are abstract. */
  readonly abstractNames: readonly string[]
  /** `group:name` of a task value; undefined where no pipeline exports it. */
  readonly nameOf: (task: Task) => string | undefined
  /** Path of the pipeline that exports a task, as in `defineProject`: `ratingModel`; null for an unknown name. */
  readonly moduleOf: (fullName: string) => string | null
  /** Parameter-object classes by the name that configs use. */
  readonly objects: ObjectRegistry
  readonly errors: readonly PlanError[]
}

const indexes = new WeakMap<Project, ProjectIndex>()

/**
 * Names every task of a project (SPEC 2.3, DESIGN D1) and finds what is wrong with their declarations.
 * Reads the pipelines once per project value; never throws.
 */
export const indexProject = (project: Project): ProjectIndex => {
  const known = indexes.get(project)
  if (known !== undefined) return known
  const made = makeIndex(project)
  indexes.set(project, made)
  return made
}

interface Found {
  readonly task: Task
  readonly group: string
  readonly name: string
  readonly exportedAs: string
}

const makeIndex = (project: Project): ProjectIndex => {
  const errors: PlanError[] = []
  const entries = new Map<string, IndexedTask>()
  const names = new Map<Task, Set<string>>()
  const abstractNames = new Set<string>()
  const exports = new Map<string, Set<string>>()
  const clashing = new Set<string>()
  for (const found of exportsOf(project, errors)) {
    const fullName = `${found.group}:${found.name}`
    errors.push(...unsafeSegments(fullName, found))
    addTo(names, found.task, fullName)
    addTo(exports, fullName, found.exportedAs)
    const earlier = entries.get(fullName)
    if (earlier !== undefined && earlier.task !== found.task) clashing.add(fullName)
    if (earlier !== undefined) continue
    if (found.task.declaration.abstract) abstractNames.add(fullName)
    errors.push(...checkDeclaration(fullName, found.task.declaration))
    entries.set(fullName, { ...found, fullName, params: paramsOf(found.task) })
  }
  for (const name of clashing) errors.push({ _tag: 'NameClash', name, exports: [...(exports.get(name) ?? [])].sort(byCodeUnit) })
  for (const [task, taken] of names) if (taken.size > 1 && !task.declaration.abstract) errors.push({ _tag: 'SameTaskTwice', names: [...taken].sort(byCodeUnit) })
  for (const name of abstractNames) entries.delete(name)
  return Object.freeze({
    tasks: new Map([...entries].map(([name, entry]) => [name, entry.task])),
    entries,
    abstractNames: [...abstractNames].sort(byCodeUnit),
    nameOf: (task: Task) => firstOf(names.get(task)),
    moduleOf: (fullName: string) => entries.get(fullName)?.exportedAs.replace(/\.[^.]*$/, '') ?? null,
    objects: registryOf(project, errors),
    errors,
  })
}

const firstOf = (names: ReadonlySet<string> | undefined): string | undefined => {
  for (const name of names ?? []) return name
  return undefined
}

const addTo = <K, V>(sets: Map<K, Set<V>>, key: K, value: V): void => {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

/** Tasks with their names, over modules and plain records inside them. Abstract tasks are among them. */
const exportsOf = (project: Project, errors: PlanError[]): Found[] => {
  const found: Found[] = []
  const walk = (record: object, group: string, path: string, above: readonly object[]): void => {
    const keys = Object.keys(record)
    const own = new Map<unknown, string>()
    for (const key of keys) {
      const exportedAs = path === '' ? key : `${path}.${key}`
      const value = readExport(record, key, exportedAs, errors)
      if (isInterop(key) && (own.has(value) || !isTask(value))) continue
      if (isTask(value)) {
        own.set(value, key)
        if (group === '') errors.push(notAPipeline(exportedAs, 'a task'))
        else found.push({ task: value, ...namesOf(value, group, key), exportedAs })
      } else if (isRecord(value)) {
        if (above.length < deepest && !above.includes(value)) walk(value, group === '' ? snake(key) : `${group}:${snake(key)}`, exportedAs, [...above, value])
      } else if (group === '') errors.push(notAPipeline(exportedAs, value === null ? 'null' : typeof value))
    }
  }
  if (isRecord(project.pipelines)) walk(project.pipelines, '', '', [])
  else errors.push(notAPipeline('pipelines', typeof project.pipelines))
  return found
}

/** Groups below groups: more than anybody nests, few enough to walk. */
const deepest = 16

const notAPipeline = (exportedAs: string, what: string): PlanError => ({
  _tag: 'InvalidDeclaration',
  task: exportedAs,
  problem: `pipelines must be records of tasks, this is ${what}`,
  hint: "import a module as a whole ('import * as movies') and list it under pipelines",
})

/** `export default` and what CommonJS adds repeat what has a name already. */
const isInterop = (key: string): boolean => key === 'default' || key === 'module.exports'

/** A module in a circle of imports throws when a task is read too early. */
const readExport = (record: object, key: string, exportedAs: string, errors: PlanError[]): unknown => {
  try {
    return (record as Record<string, unknown>)[key]
  } catch (cause) {
    const problem = `the export cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    errors.push({ _tag: 'InvalidDeclaration', task: exportedAs, problem, hint: "modules that import each other: take one of the inputs by name, ref('group:name', codec)" })
    return undefined
  }
}

/** Modules and plain objects; what carries a tag (inputs, formats, classes of objects) is no pipeline. */
const isRecord = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, '_tag')) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const namesOf = (task: Task, group: string, key: string): { readonly group: string; readonly name: string } => ({
  group: task.declaration.group ?? group,
  name: task.declaration.name ?? taskNameOf(key),
})

const unsafeSegments = (fullName: string, found: Found): PlanError[] => {
  const unsafe = [...found.group.split(':'), found.name].find((segment) => !isSafeName(segment))
  if (unsafe === undefined) return []
  return [{ _tag: 'UnsafeName', place: undefined, what: unsafe === found.name ? `name of the task ${fullName} (exported as ${found.exportedAs})` : `group of the task ${fullName}`, name: unsafe }]
}

const paramsOf = (task: Task): readonly IndexedParam[] =>
  Object.entries(task.declaration.params)
    .filter(([, spec]) => isParamSpec(spec))
    .map(([name, spec]) => {
      const declared = toParam(spec)
      return { name, nameInConfig: declared.nameInConfig ?? snake(name), declared }
    })

const registryOf = (project: Project, errors: PlanError[]): ObjectRegistry => {
  const registry = new Map<string, ObjectDefinition>()
  for (const definition of project.objects) {
    const earlier = registry.get(definition.className)
    if (earlier === definition) continue
    errors.push(...checkObject(definition))
    if (earlier === undefined) registry.set(definition.className, definition)
    else errors.push({ _tag: 'NameClash', name: definition.className, exports: [`defineObject('${definition.className}')`, `another defineObject('${definition.className}')`] })
  }
  return registry
}
