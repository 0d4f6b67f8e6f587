/** Errors as plain data and back: what crosses between threads keeps no class and no fields of its own. */

/** An error taken apart. */
interface ErrorData {
  readonly $error: { readonly name: string; readonly message: string; readonly stack: string | undefined; readonly hasCause: boolean; readonly cause: unknown; readonly fields: readonly (readonly [string, unknown])[] }
}

/** Deeper values are told as text. */
const deepest = 20

/** The same value, errors taken apart and what cannot be copied as text. Typed as what it was: only causes, which are `unknown`, look different. */
export const errorToData = <A>(value: A): A => takenApart(value, 0) as A // see above

const takenApart = (value: unknown, depth: number): unknown => {
  if (typeof value === 'function' || typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepest) return '…'
  if (isError(value)) {
    const fields = Object.entries(value).filter(([name]) => !['name', 'message', 'stack', 'cause'].includes(name))
    return {
      $error: {
        name: String(value.name),
        message: String(value.message),
        stack: value.stack,
        hasCause: 'cause' in value,
        cause: takenApart(value.cause, depth + 1),
        fields: fields.map(([name, field]) => [name, takenApart(field, depth + 1)]),
      },
    } satisfies ErrorData
  }
  if (Array.isArray(value)) return value.map((item) => takenApart(item, depth + 1))
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype === Object.prototype || prototype === null) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, takenApart(field, depth + 1)]))
  try {
    return structuredClone(value)
  } catch {
    return String(value)
  }
}

/** Puts errors together again. They are `Error`s with the name, stack, cause and fields that they had. */
export const errorFromData = <A>(value: A): A => putTogether(value) as A // as above

const putTogether = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(putTogether)
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  if (!isErrorData(value)) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, putTogether(field)]))
  const { name, message, stack, hasCause, cause, fields } = value.$error
  const error = new Error(message, hasCause ? { cause: putTogether(cause) } : undefined)
  for (const [field, content] of fields) Object.defineProperty(error, field, { value: putTogether(content), enumerable: true, configurable: true, writable: true })
  return Object.defineProperties(error, {
    name: { value: name, configurable: true, writable: true },
    stack: { value: stack, configurable: true, writable: true },
  })
}

/** Errors of another realm are errors too. */
const isError = (value: object): value is Error => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'

const isErrorData = (value: object): value is ErrorData => '$error' in value && Object.keys(value).length === 1
