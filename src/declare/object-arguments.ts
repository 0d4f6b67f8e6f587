import type * as t from 'io-ts'
import { nearest } from '../base/suggest.js'
import { snake } from './names.js'
import type { ObjectDefinition } from './object-types.js'
import { toParam, type ParamSpec } from './param.js'
import { isList, type Fields } from '../base/records.js'

/** An argument as given by a config, and its path from the object: `['kwargs', 'l2']` or `['args', '0']`. */
export interface GivenArgument {
  readonly value: unknown
  readonly steps: readonly string[]
}

/** A problem with how arguments are given, and its path from the object. */
export interface ArgumentProblem {
  readonly problem: string
  readonly steps: readonly string[]
}

/** Arguments of an object by name, taken from `args` by position and from `kwargs` by name, with all their problems. */
export interface GivenArguments {
  readonly byName: ReadonlyMap<string, GivenArgument>
  /** Arguments that the class does not declare, if it accepts such. */
  readonly rest: Readonly<Record<string, unknown>>
  readonly problems: readonly ArgumentProblem[]
  /** Arguments spelled as in code instead of as in configs. */
  readonly misspelled: readonly { readonly written: string; readonly expected: string }[]
  /** Whether a missing argument was probably meant to be given: an argument has a similar name, or cannot be read. */
  readonly mayBeMeant: (name: string) => boolean
}

/** The config name of an argument: snake case, unless its declaration sets another name. */
export const nameInConfig = (name: string, spec: ParamSpec): string => toParam(spec).nameInConfig ?? snake(name)

/**
 * Declared argument names by the names that configs may use: as declared, or in snake case. The first meaning of a name
 * wins.
 */
const declaredNames = ({ args }: ObjectDefinition): ReadonlyMap<string, string> => {
  const names = new Map(Object.keys(args).map((name) => [name, name]))
  for (const [name, spec] of Object.entries(args)) {
    const inConfig = nameInConfig(name, spec)
    if (!names.has(inConfig)) names.set(inConfig, name)
  }
  return names
}

/** Sorts the fields next to `class` into arguments; continues past errors to report them all. */
export const givenArguments = (definition: ObjectDefinition, value: Fields): GivenArguments => {
  const { class: _, args = [], kwargs = {}, ...rest } = value
  const { className } = definition
  const names = Object.keys(definition.args)
  const declared = declaredNames(definition)
  const inConfigs = new Map(Object.entries(definition.args).map(([name, spec]) => [name, nameInConfig(name, spec)]))
  const others: [string, unknown][] = []
  const misspelled: { readonly written: string; readonly expected: string }[] = []
  const byName = new Map<string, GivenArgument>()
  const problems: ArgumentProblem[] = []
  const unknown: string[] = []
  const wrong = (steps: readonly string[], problem: string): void => void problems.push({ steps, problem })

  for (const key of Object.keys(rest)) wrong([key], `unknown key '${key}' beside class; use args and kwargs`)
  const listed = args === null || isList(args)
  if (!listed) wrong(['args'], `args of ${className} must be a list`)
  const positional = isList(args) ? args : []
  if (positional.length > names.length)
    wrong(
      ['args', String(names.length)],
      `${className} takes at most ${names.length} arguments, got ${positional.length}`,
    )
  names
    .slice(0, positional.length)
    .forEach((name, index) => byName.set(name, { value: positional[index], steps: ['args', String(index)] }))

  const named = typeof kwargs === 'object' && !Array.isArray(kwargs)
  if (!named) wrong(['kwargs'], `kwargs of ${className} must be a map`)
  for (const [written, arg] of named ? Object.entries(kwargs ?? {}) : []) {
    const steps = ['kwargs', written]
    const name = declared.get(written)
    const expected = (name === undefined ? undefined : inConfigs.get(name)) ?? written
    if (name === undefined && definition.rest !== undefined) others.push([written, arg])
    else if (name === undefined) {
      unknown.push(written)
      wrong(steps, `${className} has no argument '${written}'; it has: ${[...inConfigs.values()].join(', ') || 'none'}`)
    } else if (byName.has(name)) {
      const before =
        byName.get(name)?.steps[0] === 'args' ? 'in args and in kwargs' : `as '${expected}' and as '${name}'`
      wrong(steps, `${className} got '${written}' twice, ${before}`)
    } else {
      byName.set(name, { value: arg, steps })
      if (written !== expected) misspelled.push({ written, expected })
    }
  }
  const strays = [...Object.keys(rest), ...unknown]
  const mayBeMeant = (name: string): boolean =>
    !listed || !named || strays.some((stray) => stray === name || nearest(stray, [name]).length > 0)
  return { byName, rest: Object.fromEntries(others), problems, misspelled, mayBeMeant }
}

/** The path from an object to one of its arguments, attached to the context entry of the argument. */
export const argumentEntry = (
  key: string,
  type: t.Decoder<any, any>,
  actual: unknown,
  steps: readonly string[] = [],
): t.ContextEntry => {
  const entry: t.ContextEntry & { readonly steps: readonly string[] } = { key, type, actual, steps }
  return entry
}
