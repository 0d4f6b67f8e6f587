import { oncePer, oncePerText } from '../../base/once-per.js'
import type { ResolvedConfig, TaskPattern } from '../../config/config-types.js'
import { snake } from '../../declare/names.js'
import type { Place, PlanError } from '../../errors.js'
import { nearest } from '../../base/suggest.js'
import { byPlace, firstFrom } from '../../base/code-unit-order.js'
import type { IndexedTask, ProjectIndex } from './project-index.js'
import { dottedForm, longestPattern, taskGlob, type TaskGlob } from './task-pattern.js'
import { itemAt, valueIn } from '../../base/present.js'

/** A task that a config selects, and the place of the pattern. */
export interface Selected {
  readonly entry: IndexedTask
  readonly place: Place
}

/** Finds the tasks that patterns name. Each pattern is looked up once per project. */
export interface Selector {
  /** Tasks of `tasks` without those of `excluded_tasks`, by name; patterns without a match go to `errors`. */
  readonly select: (
    patterns: Pick<ResolvedConfig, 'tasks' | 'excludedTasks'>,
    errors: PlanError[],
  ) => readonly Selected[]
}

export const makeSelector = (index: ProjectIndex): Selector => {
  const { names, exported, known } = lookupOf(index)
  const matching = (pattern: string): readonly IndexedTask[] => {
    const before = known.get(pattern)
    if (before !== undefined) return before
    const found = find(names, exported, pattern)
    if (known.size < maxRemembered) known.set(pattern, found)
    return found
  }
  const found = ({ pattern, place }: TaskPattern, errors: PlanError[]): readonly IndexedTask[] => {
    const entries = matching(pattern)
    if (entries.length === 0) errors.push(unknownTasks(index, names, pattern, place))
    return entries
  }
  return {
    select: ({ tasks, excludedTasks }, errors) => {
      const taken = new Set(excludedTasks.flatMap((pattern) => found(pattern, errors)))
      const selected: Selected[] = []
      const remembers = tasks.length > 1 // a single pattern never selects a task twice
      for (const pattern of [...tasks].sort((left, right) => byPlace(left.place, right.place)))
        for (const entry of found(pattern, errors)) {
          if (taken.has(entry)) continue
          if (remembers) taken.add(entry)
          selected.push({ entry, place: pattern.place })
        }
      return selected
    },
  }
}

/** Maximum number of cached patterns in a long-lived process: more than people write, few enough to keep. */
const maxRemembered = 10_000

interface Lookup {
  readonly names: DottedNames
  /** Tasks whose group differs from that of the exporting module, listed under the module's group. */
  readonly exported: DottedNames
  readonly known: Map<string, readonly IndexedTask[]>
}

const lookupOf = oncePer((index: ProjectIndex): Lookup => {
  const entries = [...index.entries.values()]
  const groupOf = oncePerText(dottedForm)
  const names = dottedNames(entries, ({ group, name }) => `${groupOf(group)}.${dottedForm(name)}`)
  const pathOf = oncePerText((pipeline) => pipeline.split('.').map(snake).join('.')) // of the module
  /** `p.moved` for a task of the module `p` whose spec has another group. */
  const elsewhere = entries.filter(({ pipeline, group }) => pathOf(pipeline) !== groupOf(group))
  return {
    names,
    exported: dottedNames(elsewhere, ({ pipeline, name }) => `${pathOf(pipeline)}.${name}`),
    known: new Map<string, readonly IndexedTask[]>(),
  }
})

interface DottedNames {
  readonly sorted: readonly string[]
  readonly entries: ReadonlyMap<string, IndexedTask | readonly IndexedTask[]>
}

/** Two tasks share a dotted form only if a name contains a dot; then a pattern selects both. */
const dottedNames = (tasks: readonly IndexedTask[], nameOf: (entry: IndexedTask) => string): DottedNames => {
  const entries = new Map<string, IndexedTask | readonly IndexedTask[]>()
  for (const entry of tasks) {
    const dotted = nameOf(entry)
    const other = entries.get(dotted)
    entries.set(dotted, other === undefined ? entry : [other, entry].flat())
  }
  return { sorted: [...entries.keys()].sort(), entries }
}

/** A literal name means one task; a pattern such as `p.*` also selects exports of module `p` with another group. */
const find = (names: DottedNames, exported: DottedNames, pattern: string): readonly IndexedTask[] => {
  if (pattern.length > longestPattern) return []
  const glob = taskGlob(pattern)
  if (glob.literal) return [names.entries.get(glob.prefix) ?? []].flat()
  const [own, others] = [matchesIn(names, glob), matchesIn(exported, glob)]
  return others.length === 0 ? own : [...new Set([...own, ...others])]
}

/** Matches are adjacent in the sorted names, from the first that starts with the pattern's prefix. */
const matchesIn = ({ sorted, entries }: DottedNames, glob: TaskGlob): readonly IndexedTask[] => {
  const found: IndexedTask[] = []
  for (let at = firstFrom(sorted, glob.prefix); at < sorted.length; at++) {
    const dotted = itemAt(sorted, at)
    if (!dotted.startsWith(glob.prefix)) break
    if (!glob.matches(dotted)) continue
    const entry = valueIn(entries, dotted)
    if ('task' in entry) found.push(entry)
    else for (const one of entry) found.push(one)
  }
  return found
}

const unknownTasks = (index: ProjectIndex, names: DottedNames, pattern: string, place: Place): PlanError => {
  const reason = reasonOf(index, names, pattern)
  return {
    _tag: 'UnknownTasks',
    place,
    pattern,
    near: reason === undefined ? nearPatterns(names, pattern) : [],
    ...(reason === undefined ? {} : { reason }),
  }
}

const reasonOf = (index: ProjectIndex, { sorted }: DottedNames, pattern: string): string | undefined => {
  if (pattern.length > longestPattern) return `longer than ${longestPattern} letters`
  const glob = taskGlob(pattern)
  if (index.abstractNames.some((name) => glob.matches(dottedForm(name))))
    return 'it matches only abstract tasks, which are never part of a chain'
  if (sorted.length === 0) return 'the project has no tasks'
  return undefined
}

/** Patterns similar to an unknown one, also after removing its first segments, as in `my_project.tasks.movies.*`. */
const nearPatterns = (names: DottedNames, pattern: string): readonly string[] => {
  const dotted = dottedForm(pattern).replace(/^~/, '')
  const near = nearDotted(names, dotted)
  if (near.length > 0) return near
  for (let rest = afterDot(dotted), tries = 0; rest !== '' && tries < 8; rest = afterDot(rest), tries++) {
    if (!/^[*.]*$/.test(rest) && find(names, names, rest).length > 0) return [rest]
    const found = rest.includes('.') ? nearDotted(names, rest) : []
    if (found.length > 0) return found
  }
  return []
}

const afterDot = (dotted: string): string => (dotted.includes('.') ? dotted.slice(dotted.indexOf('.') + 1) : '')

/** For a pattern such as `movie.*`, groups as `movies.*`; for a name, names. */
const nearDotted = ({ sorted }: DottedNames, dotted: string): readonly string[] => {
  const star = dotted.indexOf('*')
  if (star < 0) {
    const groups = groupsOf(sorted).map((group) => `${group}.*`)
    const near = nearest(dotted, sorted, 3)
    return near.length > 0
      ? near
      : groups
          .filter((group) => group === `${dotted}.*`)
          .concat(nearest(`${dotted}.*`, groups, 3))
          .slice(0, 3)
  }
  const group = dotted.slice(0, Math.max(0, dotted.lastIndexOf('.', star)))
  if (group === '')
    return [/^\*+$/.test(dotted) ? '**' : dotted, `*.${dotted}`, `**.${dotted}`]
      .filter((one) => sorted.some(taskGlob(one).matches))
      .slice(0, 1)
  const groups = groupsOf(sorted)
  const rest = dotted.slice(group.length)
  const nested = groups.filter((known) => known.startsWith(`${group}.`))
  return groups.includes(group)
    ? nearest(dotted, sorted, 3)
    : [...nested, ...nearest(group, groups, 3)].slice(0, 3).map((near) => `${near}${rest}`)
}

const groupsOf = (sorted: readonly string[]): readonly string[] => [
  ...new Set(sorted.map((name) => name.slice(0, name.lastIndexOf('.')))),
]
