import type { Global } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import { fieldOf } from '../base/records.js'

/** Globals by name, as defined by a project or caller. */
export type Globals = Readonly<Record<string, Global>>

/**
 * Texts of globals by name: all of them, or only those whose text enters keys. A global without a text is omitted;
 * `globalErrors` reports it.
 */
export const globalTexts = (globals: Globals = {}, which: 'all' | 'in key' = 'all'): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>()
  for (const [name, given] of Object.entries(globals)) {
    const text = textOf(given)
    if (text !== undefined && (which === 'all' || isInKey(given))) texts.set(name, text)
  }
  return texts
}

/** An error for each global that is not a text, number or URL: most often an environment variable that is not set. */
export const globalErrors = (globals: Globals = {}): readonly PlanError[] =>
  Object.entries(globals).flatMap(([name, given]): PlanError[] =>
    textOf(given) === undefined ? [{ _tag: 'InvalidGlobal', name, actual: inWords(given) }] : [],
  )

const isInKey = (given: unknown): boolean => fieldOf(given, 'inKey') === true

const isUrl = (given: unknown): given is URL => Object.prototype.toString.call(given) === '[object URL]'

const isWrapped = (given: unknown): given is { readonly value: unknown } =>
  typeof given === 'object' && given !== null && !isUrl(given) && 'value' in given

const textOf = (given: unknown): string | undefined => {
  const value = isWrapped(given) ? given.value : given
  if (typeof value === 'string') return value
  return (typeof value === 'number' && Number.isFinite(value)) || isUrl(value) ? String(value) : undefined
}

const inWords = (given: unknown): string => {
  const value = isWrapped(given) ? given.value : given
  if (typeof value !== 'object' || value === null)
    return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
