import type { Place, PlanWarning, Unfilled } from '../errors.js'
import { nearest, suggester } from '../base/suggest.js'
import { globalTexts, type Globals } from './globals.js'
import { isMap } from './read/located.js'
import type { ConfigValue, Located } from './config-types.js'

/** A value with its placeholders unexpanded and expanded; the same object if there are none. */
export interface BothForms {
  readonly unexpanded: ConfigValue
  readonly expanded: ConfigValue
}

export interface Placeholders {
  /** Both forms of a value. Memoized, so that a value shared by many configs is expanded once. */
  readonly expand: (located: Located) => BothForms
  /** A text with every placeholder filled in: for paths, patterns and names. */
  readonly text: (text: string) => string
  /** Warnings for `{names}` seen so far that resemble globals. */
  readonly warnings: () => readonly PlanWarning[]
}

const pattern = /(\{{1,3})([^{}\s]{1,100})(\}{1,3})/g

/**
 * Replaces `{NAME}` by the project's global. `{{NAME}}` is the literal text `{NAME}`, `{{{NAME}}}` the value in
 * braces.
 * An unknown name keeps all its braces; replaced text is not expanded again.
 */
export const placeholdersOf = (globals: Globals = {}): Placeholders => {
  const full = globalTexts(globals)
  const inKey = globalTexts(globals, 'in key')
  const near = suggester(full.keys())
  const remembered = new Map<Located, BothForms>()
  const odd = new Map<string, PlanWarning>()

  const look = (text: string, place: Place): void => {
    for (const [, open, name, close] of text.matchAll(pattern)) {
      if (name === undefined || full.has(name) || (open === '{{' && close === '}}')) continue
      const placeholder = `{${name}}`
      const found = near(name)
      if (found.length > 0)
        odd.set(`${place.origin}\n${place.line}\n${place.column}\n${name}`, {
          _tag: 'NearPlaceholder',
          place,
          placeholder,
          near: found.map((one) => `{${one}}`),
        })
    }
  }
  const lookInside = (located: Located): void => {
    if (typeof located.value === 'string') look(located.value, located.place)
    for (const part of located.parts?.values() ?? []) lookInside(part)
  }
  const expand = (located: Located): BothForms => {
    const { value } = located
    if (typeof value !== 'object' && (typeof value !== 'string' || !value.includes('{')))
      return { unexpanded: value, expanded: value }
    const known = remembered.get(located)
    if (known !== undefined) return known
    const expanded = filled(value, full, 'text')
    const unexpanded = inKey.size === 0 ? value : filled(value, inKey, 'literal braces later')
    const both = { unexpanded, expanded }
    remembered.set(located, both)
    if (full.size > 0 && hasBraces(value)) lookInside(located)
    return both
  }
  return { expand, text: (text) => fillText(text, full, 'text'), warnings: () => [...odd.values()] }
}

/** The first placeholder of a text that is not a global; undefined if there is none, or no globals are defined. */
export const unfilledIn = (text: string, globals: Globals = {}): Unfilled | undefined => {
  const full = globalTexts(globals)
  for (const [, open, name = '', close] of full.size === 0 ? [] : text.matchAll(pattern))
    if (!Object.hasOwn(globals, name) && open === '{' && close === '}')
      return { placeholder: `{${name}}`, near: nearest(name, full.keys()).map((one) => `{${one}}`) }
  return undefined
}

/** How `{{NAME}}` expands: to the text `{NAME}`, or unchanged if the result will be expanded once more. */
type Literals = 'text' | 'literal braces later'

const fillText = (text: string, values: ReadonlyMap<string, string>, literals: Literals): string =>
  text.includes('{')
    ? text.replace(pattern, (whole, open: string, name: string, close: string) => {
        const value = values.get(name)
        if (value === undefined) return whole
        if (open.length === 2 && close.length === 2) return literals === 'text' ? `{${name}}` : whole
        const [before, after] =
          open.length === close.length && open.length > 1 ? ['{', '}'] : [open.slice(1), close.slice(1)]
        return `${before}${value}${after}`
      })
    : text

const hasBraces = (value: ConfigValue): boolean =>
  typeof value === 'string'
    ? value.includes('{')
    : typeof value === 'object' && value !== null && Object.values(value).some(hasBraces)

/** Expands the texts of a value; the same object if none changes. The readers limit the depth. */
const filled = (value: ConfigValue, values: ReadonlyMap<string, string>, literals: Literals): ConfigValue => {
  if (typeof value === 'string') return fillText(value, values, literals)
  if (typeof value !== 'object' || value === null || values.size === 0) return value
  if (!isMap(value)) {
    const items = value.map((item) => filled(item, values, literals))
    return items.some((item, index) => item !== value[index]) ? Object.freeze(items) : value
  }
  const entries = Object.entries(value).map(([name, part]) => [name, filled(part, values, literals)] as const)
  return entries.some(([name, part]) => part !== value[name]) ? Object.freeze(Object.fromEntries(entries)) : value
}

/** A value of a plan with every placeholder expanded, as passed to `run` on this machine. */
export const expandValue = (value: ConfigValue, globals: Globals = {}): ConfigValue =>
  typeof value === 'object' || (typeof value === 'string' && value.includes('{'))
    ? filled(value, globalTexts(globals), 'text')
    : value

/** The same for a text. */
export const expandText = (text: string, globals: Globals = {}): string => fillText(text, globalTexts(globals), 'text')
