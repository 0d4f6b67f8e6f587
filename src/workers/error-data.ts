import { types } from 'node:util'
import { isError } from '../base/thrown.js'
import { fieldOf } from '../base/records.js'

/** Errors as plain data and back: structured cloning between threads loses classes and fields. */

/** An error as plain data. */
interface ErrorData {
  readonly $error: {
    readonly name: string
    readonly message: string
    readonly stack: string | undefined
    readonly hasCause: boolean
    cause: unknown
    readonly fields: (readonly [string, unknown])[]
  }
}

/**
 * Limits for data sent to others: the receiver recurses, and an error may refer to a whole document, or a tree whose
 * nodes know their parents.
 */
interface Limits {
  readonly deepest: number
  readonly maxValues: number
}

/** Larger binary data is replaced with a text that gives its size. */
const maxBytes = 2 ** 20
const cutOff = '…'

/**
 * The same value with errors as plain data, and uncopyable values as text; deep or large parts are cut off, and the
 * nearest are kept.
 * Never throws. Keeps the type of the input: only causes, which are `unknown`, differ.
 */
// see above
export const errorToData = <A>(value: A): A =>
  isFlat(value) ? value : (copied(value, beginApart, { deepest: 20, maxValues: 20_000 }) as A)

/** Of the events of a node, only progress contains what a task has given. */
export const eventToData = <Event extends { readonly _tag: string }>(event: Event): Event =>
  event._tag === 'progress' ? errorToData(event) : event

/** Restores errors, as `Error`s with their name, stack, cause and fields. */
export const errorFromData = <A>(value: A): A =>
  isFlat(value) ? value : (copied(value, beginTogether, unlimited) as A) // as above

const unlimited: Limits = { deepest: Infinity, maxValues: Number.MAX_SAFE_INTEGER }

/** Whether it is a plain record of simple values, which needs no copy: most messages are. */
const isFlat = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const name of Object.getOwnPropertyNames(value)) {
    const field = Object.getOwnPropertyDescriptor(value, name)
    if (field === undefined || !('value' in field) || !simple.has(typeof field.value)) return false
  }
  return true
}

const simple: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined'])

/** A copy before its parts are added. Without `parts` it has none. */
interface Begun {
  readonly copy: unknown
  readonly parts?: Iterable<readonly [unknown, unknown]>
  readonly put?: (name: unknown, part: unknown) => void
}

/**
 * A value being copied, with its ancestors: only cycles are preserved. Shared values are copied again, so that
 * traversing a copy terminates soon.
 */
interface Open {
  readonly source: object
  readonly begun: Begun
  readonly depth: number
  readonly within: Open | undefined
}

/** Copies breadth first. */
const copied = (start: unknown, begin: (value: object) => Begun, { deepest, maxValues }: Limits): unknown => {
  const all: Open[] = []
  let left = maxValues
  const copyOf = (value: unknown, within: Open | undefined): unknown => {
    left--
    if (typeof value === 'function' || typeof value === 'symbol') return textOf(value)
    if (typeof value !== 'object' || value === null) return value
    for (let around = within; around !== undefined; around = around.within)
      if (around.source === value) return around.begun.copy
    const depth = (within?.depth ?? -1) + 1
    if (depth > deepest) return cutOff
    const begun = begunOr(value, begin)
    all.push({ source: value, begun, depth, within })
    return begun.copy
  }
  const made = copyOf(start, undefined)
  for (const one of all) {
    const { parts = [], put = () => undefined } = one.begun
    const least = left / 2 // a long list leaves capacity for its elements
    try {
      for (const [name, part] of parts) {
        if (left <= least) {
          put(cutOff, cutOff)
          break
        }
        put(name, copyOf(part, one))
      }
    } catch {
      put(unreadable, unreadable) // a user's getter, iterator or proxy
    }
  }
  return made
}

const unreadable = '[unreadable]'

const begunOr = (value: object, begin: (value: object) => Begun): Begun => {
  try {
    return begin(value)
  } catch {
    return { copy: unreadable }
  }
}

const beginApart = (value: object): Begun => {
  if (isError(value)) {
    const { name, message, stack } = value
    const data: ErrorData = {
      $error: {
        name: String(name),
        message: String(message),
        stack: stack === undefined ? undefined : String(stack),
        hasCause: 'cause' in value,
        cause: undefined,
        fields: [],
      },
    }
    return {
      copy: data,
      parts: fieldsOfError(value),
      put: (field, part) =>
        void (field === 'cause' ? (data.$error.cause = part) : data.$error.fields.push([String(field), part])),
    }
  }
  if (value instanceof Date || value instanceof RegExp) return { copy: structuredClone(value) }
  if (value instanceof SharedArrayBuffer && value.byteLength <= maxBytes)
    return { copy: new Uint8Array(value).slice().buffer } // processes share no memory
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return {
      copy:
        value.byteLength <= maxBytes
          ? structuredClone(value)
          : `[${value.constructor.name} of ${value.byteLength} bytes]`,
    }
  return beginPlain(value)
}

/** The cause first: it is the most informative. The errors of an `AggregateError` are no key. */
function* fieldsOfError(error: Error): Iterable<readonly [string, unknown]> {
  if ('cause' in error) yield ['cause', error.cause]
  if ('errors' in error) yield ['errors', error.errors]
  for (const name of Object.keys(error))
    if (!['name', 'message', 'stack', 'cause', 'errors'].includes(name)) yield [name, fieldOf(error, name)]
}

/** Without the rest of the message in whose memory it was read, which would be shown with it. */
const apart = ({ buffer, byteOffset, byteLength }: DataView): DataView =>
  new DataView(buffer.slice(byteOffset, byteOffset + byteLength))

const beginTogether = (value: object): Begun => {
  if (!isErrorData(value))
    return Object.getPrototypeOf(value) === Object.prototype ||
      Array.isArray(value) ||
      value instanceof Map ||
      value instanceof Set
      ? beginPlain(value)
      : { copy: value instanceof DataView ? apart(value) : value }
  const { name, message, stack, hasCause, cause, fields } = value.$error
  const error = Object.defineProperties(new Error(message), {
    name: { value: name, configurable: true, writable: true },
    stack: { value: stack, configurable: true, writable: true },
  })
  const parts = [...(hasCause ? [['cause', cause] as const] : []), ...fields]
  return {
    copy: error,
    parts,
    put: (field, part) =>
      void Object.defineProperty(error, String(field), {
        value: part,
        enumerable: field !== 'cause' && field !== 'errors',
        configurable: true,
        writable: true,
      }),
  }
}

/** Lists, maps, sets, and everything else by its own fields. */
const beginPlain = (value: object): Begun => {
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    return { copy, parts: value.entries(), put: (_, part) => void copy.push(part) }
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>()
    return {
      copy,
      parts: value,
      put: (name, part) =>
        void copy.set(
          typeof name === 'object' || typeof name === 'function' || typeof name === 'symbol' ? textOf(name) : name,
          part,
        ),
    }
  }
  if (value instanceof Set) {
    const copy = new Set()
    return { copy, parts: value.entries(), put: (_, part) => void copy.add(part) }
  }
  const copy: object = {}
  return {
    copy,
    parts: fieldsOf(value),
    put: (name, part) =>
      void Object.defineProperty(copy, String(name), {
        value: part,
        enumerable: true,
        configurable: true,
        writable: true,
      }),
  }
}

function* fieldsOf(value: object): Iterable<readonly [string, unknown]> {
  for (const name of Object.keys(value)) yield [name, fieldOf(value, name)]
}

const textOf = (value: unknown): string => {
  try {
    return String(value)
  } catch {
    return unreadable
  }
}

const isErrorData = (value: object): value is ErrorData => '$error' in value && Object.keys(value).length === 1
