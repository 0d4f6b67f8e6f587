import type { Place, PlanWarning } from '../errors.js'
import { suggester } from '../suggest.js'
import { isMap } from './located.js'
import type { ConfigValue, Located, ResolveOptions } from './types.js'

/** A value with placeholders in both forms (SPEC 5.5); one object where nothing was to replace. */
export interface BothForms {
  readonly unexpanded: ConfigValue
  readonly expanded: ConfigValue
}

export interface Placeholders {
  /** Both forms of a value. Remembered, so that a value shared by many configs is expanded once. */
  readonly expand: (located: Located) => BothForms
  /** A text with every placeholder filled in: for paths, patterns and names. */
  readonly text: (text: string) => string
  /** `{names}` met so far that nearly are globals. */
  readonly warnings: () => readonly PlanWarning[]
}

const pattern = /\{([^{}\s]{1,100})\}/g

/** Fills in `{NAME}` from the project's globals. An unknown name stays as it is; filled-in text is not searched again. */
export const placeholdersOf = (globals: ResolveOptions['globals'] = {}): Placeholders => {
  const full = new Map(Object.entries(globals).map(([name, given]) => [name, typeof given === 'string' ? given : given.value]))
  const inKey = new Map(Object.entries(globals).flatMap(([name, given]) => (typeof given !== 'string' && given.inKey ? [[name, given.value] as const] : [])))
  const near = suggester(full.keys())
  const remembered = new Map<Located, BothForms>()
  const odd = new Map<string, PlanWarning>()

  const look = (text: string, place: Place): void => {
    for (const [placeholder, name] of text.matchAll(pattern)) {
      if (name === undefined || full.has(name)) continue
      const found = near(name)
      if (found.length > 0) odd.set(`${place.origin}\n${place.line}\n${place.column}\n${name}`, { _tag: 'NearPlaceholder', place, placeholder, near: found.map((one) => `{${one}}`) })
    }
  }
  const lookInside = (located: Located): void => {
    if (typeof located.value === 'string') look(located.value, located.place)
    for (const part of located.parts?.values() ?? []) lookInside(part)
  }
  const expand = (located: Located): BothForms => {
    const { value } = located
    if (typeof value !== 'object' && (typeof value !== 'string' || !value.includes('{'))) return { unexpanded: value, expanded: value }
    const known = remembered.get(located)
    if (known !== undefined) return known
    const expanded = filled(value, full)
    const unexpanded = inKey.size === 0 ? value : filled(value, inKey)
    const both = { unexpanded, expanded }
    remembered.set(located, both)
    if (full.size > 0 && hasBraces(value)) lookInside(located)
    return both
  }
  return { expand, text: (text) => fillText(text, full), warnings: () => [...odd.values()] }
}

const fillText = (text: string, values: ReadonlyMap<string, string>): string =>
  text.includes('{') ? text.replace(pattern, (placeholder, name: string) => values.get(name) ?? placeholder) : text

const hasBraces = (value: ConfigValue): boolean =>
  typeof value === 'string' ? value.includes('{') : typeof value === 'object' && value !== null && Object.values(value).some(hasBraces)

/** The value with its texts filled in; the same object where none changes. Depth is limited by the readers. */
const filled = (value: ConfigValue, values: ReadonlyMap<string, string>): ConfigValue => {
  if (typeof value === 'string') return fillText(value, values)
  if (typeof value !== 'object' || value === null || values.size === 0) return value
  if (!isMap(value)) {
    const items = value.map((item) => filled(item, values))
    return items.some((item, index) => item !== value[index]) ? Object.freeze(items) : value
  }
  const entries = Object.entries(value).map(([name, part]) => [name, filled(part, values)] as const)
  return entries.some(([name, part]) => part !== value[name]) ? Object.freeze(Object.fromEntries(entries)) : value
}

/** A value of a plan with every placeholder filled in: what `run` gets on this machine. */
export const expandValue = (value: ConfigValue, globals: ResolveOptions['globals'] = {}): ConfigValue =>
  filled(value, new Map(Object.entries(globals).map(([name, given]) => [name, typeof given === 'string' ? given : given.value])))
