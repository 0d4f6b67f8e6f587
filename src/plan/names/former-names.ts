import { pushTo } from '../../base/grouping.js'
import { oncePer } from '../../base/once-per.js'
import { fieldOf } from '../../base/records.js'
import { isParam } from '../../declare/param.js'
import type { Declaration, Task } from '../../declare/task.js'
import { isParamSpec } from '../check-declaration.js'

/** Former names of tasks, params and inputs: artifacts stored under these belong to the renamed tasks. */

/** A renamed task, param or input. */
export interface Renamed {
  readonly what: 'task' | 'param' | 'input'
  /** `group:name` of the task it belongs to. */
  readonly task: string
  /** Its current name; for a task, `group:name`. */
  readonly name: string
  /** Its former names, the oldest first. */
  readonly former: readonly string[]
}

/** Former names in use at some time; everything else has its current name. */
export type Naming = ReadonlyMap<Renamed, string>

/** The part of a project's index that is used here. */
interface Indexed {
  readonly renamed: ReadonlyMap<string, Task>
}

/** The renames in a declaration; `own` is the task's current name. */
export const renamesOf = (own: string, declaration: Declaration): readonly Renamed[] => {
  const { formerly = [], inputsFormerly = {}, params } = declaration
  const found: Renamed[] = []
  if (formerly.length > 0) found.push({ what: 'task', task: own, name: own, former: formerly })
  for (const [name, spec] of Object.entries(params)) {
    const former = isParamSpec(spec) && isParam(spec) ? (spec.formerly ?? []) : []
    if (former.length > 0) found.push({ what: 'param', task: own, name, former })
  }
  for (const [name, former = []] of Object.entries(inputsFormerly))
    if (former.length > 0) found.push({ what: 'input', task: own, name, former })
  return found
}

/** A quick check, since most declarations have no former names. `anyParam`: whether any param of the project has. */
export const hasFormerNames = ({ formerly, inputsFormerly, params }: Declaration, anyParam: boolean): boolean => {
  if (formerly !== undefined || inputsFormerly !== undefined) return true
  if (anyParam) for (const name in params) if (fieldOf(params[name], 'formerly') !== undefined) return true
  return false
}

/** All renames of a project. */
export const renamesIn = oncePer((index: Indexed): readonly Renamed[] =>
  [...index.renamed].flatMap(([name, { declaration }]) => renamesOf(name, declaration)),
)

/** The folders of a task's results under its former names. */
export const formerFolders = (index: Indexed, task: string): readonly string[] =>
  renamesIn(index)
    .filter((one) => one.what === 'task' && one.name === task)
    .flatMap(({ former }) => former.map((name) => name.replaceAll(':', '/')))

/** The naming with all oldest names, which enters identities of content. Undefined if nothing was renamed. */
export const oldestNaming = oncePer((index: Indexed): { readonly naming: Names | undefined } => {
  const renames = renamesIn(index)
  return { naming: renames.length === 0 ? undefined : namesIn(namedAt(renames, 0)) }
})

/**
 * The namings under which results may be stored: former names for the entire project, for one task, or for a single
 * item, with current names for the rest. This finds results after renames one by one and after several renames at once,
 * but not after every mixture.
 */
export const formerNamings = (renames: readonly Renamed[]): readonly Naming[] => {
  const namings = new Map<string, Naming>()
  const places = new Map(renames.map((one, at) => [one, at]))
  const add = (naming: Naming): void => {
    if (naming.size > 0)
      namings.set(Array.from(naming, ([one, name]) => `${places.get(one)} ${name}`).join('\n'), naming)
  }
  const byTask = new Map<string, Renamed[]>()
  for (const one of renames) pushTo(byTask, one.task, one)
  for (const some of [renames, ...byTask.values()]) {
    add(namedAt(some, 0))
    add(namedAt(some, -1))
  }
  for (const one of renames) for (const name of one.former) add(new Map([[one, name]]))
  return [...namings.values()]
}

const namedAt = (renames: readonly Renamed[], at: 0 | -1): Naming =>
  new Map(
    renames.flatMap((one): readonly [Renamed, string][] => {
      const name = one.former.at(at)
      return name === undefined ? [] : [[one, name]]
    }),
  )

/** A naming, queried by current names. */
export interface Names {
  readonly task: (name: string) => string
  readonly param: (task: string, name: string) => string
  readonly input: (task: string, role: string) => string
  /** Items of a task that have another name in this naming. */
  readonly of: (task: string) => readonly (readonly [Renamed, string])[]
}

export const namesIn = (naming: Naming): Names => {
  const byTask = new Map<string, (readonly [Renamed, string])[]>()
  for (const one of naming) pushTo(byTask, one[0].task, one)
  const of = (task: string) => byTask.get(task) ?? []
  const called = (what: Renamed['what'], task: string, name: string): string =>
    of(task).find(([one]) => one.what === what && one.name === name)?.[1] ?? name
  return {
    of,
    task: (name) => called('task', name, name),
    param: (task, name) => called('param', task, name),
    input: (task, role) => called('input', task, role),
  }
}

/** The parts of a pre-image that contain names; inputs name the tasks that made them. */
interface Named<A extends { readonly task: string }> {
  readonly task: string
  readonly params: { readonly [name: string]: unknown }
  readonly inputs: { readonly [role: string]: A | { readonly [recordKey: string]: A } }
}

/** A pre-image with the names of a naming in place of current ones; keys of inputs and records stay. */
export const underNames = <A extends { readonly task: string }, Image extends Named<A>>(
  names: Names,
  image: Image,
): Image => {
  const { task } = image
  const renamed = (input: A): A => ({ ...input, task: names.task(input.task) })
  return {
    ...image,
    task: names.task(task),
    params: Object.fromEntries(Object.entries(image.params).map(([name, value]) => [names.param(task, name), value])),
    inputs: Object.fromEntries(
      Object.entries(image.inputs).map(([role, input]) => [
        names.input(task, role),
        isOne(input)
          ? renamed(input)
          : Object.fromEntries(Object.entries(input).map(([name, one]) => [name, renamed(one)])),
      ]),
    ),
  }
}

const isOne = <A extends { readonly task: string }>(input: A | { readonly [recordKey: string]: A }): input is A =>
  typeof input['task'] === 'string'
