import { fieldOf, isList } from './records.js'

/** Replaces a thrown value that cannot even be inspected. */
export const unreadable = 'something that cannot be shown was thrown'

/** The message of a thrown value, which may be anything, also an object without text. */
export const messageOf = (thrown: unknown): string => {
  try {
    const text: unknown = thrown instanceof Error ? thrown.message : String(thrown)
    return typeof text === 'string' ? text : unreadable
  } catch {
    return unreadable
  }
}

/** Also recognizes errors of another realm. */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'

/**
 * What caused an error: its cause, and the first errors that an `AggregateError` holds (`Promise.any`, connecting).
 * Nothing if a getter throws: the error's own message can still be shown.
 */
export const reasonsOf = (error: object): readonly Error[] => {
  try {
    const held = fieldOf(error, 'errors')
    return [fieldOf(error, 'cause'), ...(isList(held) ? held.slice(0, 10) : [])].filter(isError)
  } catch {
    return []
  }
}
