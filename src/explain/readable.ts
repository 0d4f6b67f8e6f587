import { fieldOf } from '../base/records.js'

/** What is said of a thrown value that cannot even be looked at. */
const unreadable = 'something that cannot be shown was thrown'

/**
 * What was thrown, as it is where it can be looked at, else an error that says it cannot: a proxy, a getter or an
 * object without text of the user's must not fail whoever reports it.
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

/** Causes that no message shows are not looked at. */
const deepest = 20

/** Throws where turning the value into text does. */
const hasText = (thrown: unknown): boolean => typeof String(thrown) === 'string'

const isReadable = (thrown: unknown, depth: number): boolean => {
  if (typeof thrown !== 'object' || thrown === null || depth > deepest) return true
  const texts = ['name', 'message', 'stack'].map((field) => fieldOf(thrown, field))
  if (!(thrown instanceof Error)) return typeof texts[1] === 'string' || hasText(thrown)
  return texts.every((text) => text === undefined || typeof text === 'string') && isReadable(thrown.cause, depth + 1)
}
