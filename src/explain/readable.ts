import { fieldOf } from '../base/records.js'

/** Replaces a thrown value that cannot even be inspected. */
const unreadable = 'something that cannot be shown was thrown'

/**
 * A thrown value if it can be inspected, else an error that says it cannot: a user's proxy, getter or object without
 * text must not crash the reporter.
 *
 * @example catch (thrown) { report(readable(thrown)) }
 */
export const readable = (thrown: unknown): unknown => {
  try {
    return isReadable(thrown, 0) ? thrown : new Error(unreadable)
  } catch {
    return new Error(unreadable)
  }
}

/** Limit on nested causes that are inspected; messages show no deeper ones. */
const deepest = 20

/** Throws where turning the value into text does. */
const hasText = (thrown: unknown): boolean => typeof String(thrown) === 'string'

const isReadable = (thrown: unknown, depth: number): boolean => {
  if (typeof thrown !== 'object' || thrown === null || depth > deepest) return true
  const texts = ['name', 'message', 'stack'].map((field) => fieldOf(thrown, field))
  if (!(thrown instanceof Error)) return typeof texts[1] === 'string' || hasText(thrown)
  return texts.every((text) => text === undefined || typeof text === 'string') && isReadable(thrown.cause, depth + 1)
}
