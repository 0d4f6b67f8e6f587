import { fieldOf } from '../base/records.js'
import { reasonsOf, unreadable } from '../base/thrown.js'

/**
 * A thrown value if it can be inspected, else an error that says it cannot: a user's proxy, getter or object without
 * text must not crash the reporter.
 *
 * @example catch (thrown) { report(readable(thrown)) }
 */
export const readable = (thrown: unknown): unknown => {
  try {
    return isReadable(thrown, new Set()) ? thrown : new Error(unreadable)
  } catch {
    return new Error(unreadable)
  }
}

/** Limit on causes that are inspected; messages show fewer. */
const most = 100

/** Throws where turning the value into text does. */
const hasText = (thrown: unknown): boolean => typeof String(thrown) === 'string'

const isReadable = (thrown: unknown, seen: Set<object>): boolean => {
  if (typeof thrown !== 'object' || thrown === null || seen.has(thrown) || seen.size === most) return true
  seen.add(thrown)
  const texts = ['name', 'message', 'stack'].map((field) => fieldOf(thrown, field))
  if (!(thrown instanceof Error)) return typeof texts[1] === 'string' || hasText(thrown)
  return (
    texts.every((text) => text === undefined || typeof text === 'string') &&
    [thrown.cause, ...reasonsOf(thrown)].every((reason) => isReadable(reason, seen))
  )
}
