/** What is said of a thrown value that cannot even be looked at. */
const unreadable = 'something that cannot be shown was thrown'

/**
 * What was thrown, as it is where it can be looked at, else an error that says it cannot: a proxy, a getter or an
 * object without text of the user's
 * must not fail whoever tells of it.
 *
 * @example catch (thrown) { tell(readable(thrown)) }
 */
export const readable = (thrown: unknown): unknown => {
  try {
    return isReadable(thrown, 0) ? thrown : new Error(unreadable)
  } catch {
    return new Error(unreadable)
  }
}

/** Causes told by nobody are not looked at. */
const deepest = 20

const isReadable = (thrown: unknown, depth: number): boolean => {
  if (typeof thrown !== 'object' || thrown === null || depth > deepest) return true
  const texts = ['name', 'message', 'stack'].map((field) => (thrown as Readonly<Record<string, unknown>>)[field])
  if (!(thrown instanceof Error)) return typeof texts[1] === 'string' || typeof String(thrown) === 'string'
  return texts.every((text) => text === undefined || typeof text === 'string') && isReadable(thrown.cause, depth + 1)
}
