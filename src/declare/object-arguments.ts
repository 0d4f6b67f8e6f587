import type * as t from 'io-ts'
import { nearest } from '../suggest.js'
import type { ObjectDefinition } from './object-types.js'

/** An argument as a config gives it, and the way to it from the object: `['kwargs', 'l2']` or `['args', '0']`. */
export interface GivenArgument {
  readonly value: unknown
  readonly steps: readonly string[]
}

/** Something that is wrong with how arguments are given, and the way to it from the object. */
export interface ArgumentProblem {
  readonly problem: string
  readonly steps: readonly string[]
}

/** Arguments of an object by name, from `args` by position and `kwargs` by name, with all that is wrong with them. */
export interface GivenArguments {
  readonly byName: ReadonlyMap<string, GivenArgument>
  readonly problems: readonly ArgumentProblem[]
  /** Whether an argument that is not given was hardly left out: something here is called nearly so, or cannot be read. */
  readonly mayBeMeant: (name: string) => boolean
}

/** Sorts out what stands beside `class`; reads on after what is wrong. */
export const givenArguments = (definition: ObjectDefinition, value: object): GivenArguments => {
  const { class: _, args = [], kwargs = {}, ...rest } = value as { readonly args?: unknown; readonly kwargs?: unknown; readonly class?: unknown }
  const { className } = definition
  const names = Object.keys(definition.args)
  const byName = new Map<string, GivenArgument>()
  const problems: ArgumentProblem[] = []
  const unknown: string[] = []
  const wrong = (steps: readonly string[], problem: string): void => void problems.push({ steps, problem })

  for (const key of Object.keys(rest)) wrong([key], `unknown key '${key}' beside class; use args and kwargs`)
  const listed = args === null || Array.isArray(args)
  if (!listed) wrong(['args'], `args of ${className} must be a list`)
  const positional = listed ? ((args ?? []) as readonly unknown[]) : []
  if (positional.length > names.length) wrong(['args', String(names.length)], `${className} takes at most ${names.length} arguments, got ${positional.length}`)
  names.slice(0, positional.length).forEach((name, index) => byName.set(name, { value: positional[index], steps: ['args', String(index)] }))

  const named = typeof kwargs === 'object' && !Array.isArray(kwargs)
  if (!named) wrong(['kwargs'], `kwargs of ${className} must be a map`)
  for (const [name, arg] of named ? Object.entries(kwargs ?? {}) : []) {
    const steps = ['kwargs', name]
    if (!Object.hasOwn(definition.args, name)) {
      unknown.push(name)
      wrong(steps, `${className} has no argument '${name}'; it has: ${names.join(', ') || 'none'}`)
    } else if (byName.has(name)) wrong(steps, `${className} got '${name}' twice, in args and in kwargs`)
    else byName.set(name, { value: arg, steps })
  }
  const strays = [...Object.keys(rest), ...unknown]
  return { byName, problems, mayBeMeant: (name) => !listed || !named || strays.some((stray) => stray === name || nearest(stray, [name]).length > 0) }
}

/** The way from an object to one of its arguments, on the entry of a context that stands for it. */
export const argumentEntry = (key: string, type: t.Decoder<any, any>, actual: unknown, steps: readonly string[] = []): t.ContextEntry => {
  const entry: t.ContextEntry & { readonly steps: readonly string[] } = { key, type, actual, steps }
  return entry
}
