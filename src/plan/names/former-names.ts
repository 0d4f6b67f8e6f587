import { pushTo } from '../../base/grouping.js'
import { oncePer } from '../../base/once-per.js'
import { fieldOf } from '../../base/records.js'
import { isParam } from '../../declare/param.js'
import type { Declaration, Task } from '../../declare/task.js'
import { isParamSpec } from '../check-declaration.js'

/** Names that tasks, their params and their inputs had before: what is stored under these is theirs. */

/** One thing that has another name by now. */
export interface Renamed {
  readonly what: 'task' | 'param' | 'input'
  /** `group:name` of the task whose it is. */
  readonly task: string
  /** Its name as it is now; of a task `group:name`. */
  readonly name: string
  /** What it was called, the oldest name first. */
  readonly former: readonly string[]
}

/** What things were called at some time, by thing; the others as they are called now. */
export type Naming = ReadonlyMap<Renamed, string>

/** What of a project's index is read here. */
interface Indexed {
  readonly tasks: ReadonlyMap<string, Task>
}

/** What a declaration says of former names: `own` is the task's name as it is now. */
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

/** Asked first: most declarations have none. */
export const hasFormerNames = ({ formerly, inputsFormerly, params }: Declaration): boolean => {
  if (formerly !== undefined || inputsFormerly !== undefined) return true
  for (const name in params) if (fieldOf(params[name], 'formerly') !== undefined) return true
  return false
}

/** All that has former names in a project. */
export const renamesIn = oncePer((index: Indexed): readonly Renamed[] =>
  [...index.tasks].flatMap(([name, { declaration }]) =>
    hasFormerNames(declaration) ? renamesOf(name, declaration) : [],
  ),
)

/** Where a task's results were kept when it was called otherwise. */
export const formerFolders = (index: Indexed, task: string): readonly string[] =>
  renamesIn(index)
    .filter((one) => one.what === 'task' && one.name === task)
    .flatMap(({ former }) => former.map((name) => name.replaceAll(':', '/')))

/** Everything by its oldest name: what enters identities of content. Undefined where nothing was renamed. */
export const oldestNaming = oncePer((index: Indexed): { readonly naming: Names | undefined } => {
  const renames = renamesIn(index)
  return { naming: renames.length === 0 ? undefined : namesIn(namedAt(renames, 0)) }
})

/**
 * The namings under which results may be stored: all of the project by former names, all of a task, one thing, and all
 * others as they are now. So whoever renames one thing after the other finds what is stored, and whoever renames
 * several at once; not every mixture.
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

/** A naming, to be asked by present names. */
export interface Names {
  readonly task: (name: string) => string
  readonly param: (task: string, name: string) => string
  readonly input: (task: string, role: string) => string
  /** Things of a task that are called otherwise. */
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

/** What of a pre-image names are in; inputs say who made them. */
interface Named<A extends { readonly task: string }> {
  readonly task: string
  readonly params: { readonly [name: string]: unknown }
  readonly inputs: { readonly [role: string]: A | { readonly [recordKey: string]: A } }
}

/** A pre-image, which has present names, with those of a naming; keys of inputs and of records stay. */
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
