import { isError } from '../../base/thrown.js'
import { fieldOf as anyFieldOf, isList } from '../../base/records.js'
/**
 * Masks texts within values of any kind, including errors and class instances of tasks. Custom code of a value
 * (`toJSON`, `toString`, `inspect`, getters) is called once and replaced by its masked result, since such code may hold
 * secrets in places that cannot be inspected.
 */

/** The replacement for a secret. */
export const hidden = '***'

type Text = (text: string) => string

/** Limits of depth and number of values, beyond what any message shows; the rest is hidden. */
const deepest = 30
const most = 1_000_000

/**
 * The same value if it contains nothing to hide; else a copy in which errors keep their class and cycles stay cycles.
 */
export const maskedValue = (value: unknown, text: Text): unknown => {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return simple(value, text)
  return isClean(value, text) ? value : copier(text)(value, 0)
}

/** Whether a value is an object, or a function with fields. */
const hasParts = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || (typeof value === 'function' && namesOf(value).length > 0)

/** Masks a value that has no parts. */
const simple = (value: unknown, text: Text): unknown => {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
    case 'bigint':
      return text(String(value)) === hidden ? hidden : value
    case 'function':
      return text(value.name) === value.name ? value : hidden
    case 'symbol':
      return text(value.description ?? '') === (value.description ?? '') ? value : hidden
    default:
      return value
  }
}

/**
 * Whether nothing reachable from a value has to be hidden. False if it cannot be inspected: a proxy may throw on any
 * access.
 */
const isClean = (start: object, text: Text): boolean => {
  try {
    return holdsNone(start, text)
  } catch {
    return false
  }
}

const holdsNone = (start: object, text: Text): boolean => {
  const seen = new Set<object>([start])
  const open: { readonly value: object; readonly depth: number }[] = [{ value: start, depth: 0 }]
  let count = 0
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const masked = whole(top.value, text)
    if (masked !== undefined && masked !== top.value) return false
    if (masked !== undefined) continue
    for (const part of partsOf(top.value)) {
      if (++count > most) return false
      if (!hasParts(part)) {
        if (!Object.is(simple(part, text), part)) return false
      } else if (!seen.has(part)) {
        if (top.depth >= deepest) return false
        seen.add(part)
        open.push({ value: part, depth: top.depth + 1 })
      }
    }
  }
  return true
}

/** The masked form of a value that is handled as a whole: itself or a replacement; undefined if its parts matter. */
const whole = (value: object, text: Text): unknown => {
  if (isPlain(value)) return undefined
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return bytesText(value, text) ? hidden : value
  if (value instanceof Date) return value
  if (value instanceof RegExp || value instanceof String)
    return text(String(value)) === String(value) ? value : text(String(value))
  return opaque.has(tagOf(value)) ? `[${tagOf(value)}]` : undefined
}

/** Types whose content cannot be read, or only by changing or awaiting them. */
const opaque: ReadonlySet<string> = new Set([
  'Promise',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'Map Iterator',
  'Set Iterator',
])

/** Whether bytes contain a text to hide, as UTF-8 or UTF-16. */
const bytesText = (value: ArrayBufferView | ArrayBufferLike, text: Text): boolean => {
  const size = 'BYTES_PER_ELEMENT' in value ? value.BYTES_PER_ELEMENT : 1
  if (size !== 1 && size !== 2) return false
  const decoded = new TextDecoder(size === 1 ? 'utf-8' : 'utf-16le').decode(bytesOf(value))
  return text(decoded) !== decoded
}

const bytesOf = (value: ArrayBufferView | ArrayBufferLike): Uint8Array =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value)

/**
 * Everything that a value exposes: the name of its class, names and values of its own properties, entries, and results
 * of its custom code.
 */
function* partsOf(value: object): Iterable<unknown> {
  const plain = isPlain(value)
  if (!plain) yield classNameOf(value)
  if (typeof value === 'function') yield value.name
  if (Array.isArray(value)) yield* value
  else if (isEntries(value)) for (const entry of value) yield* Array.isArray(entry) ? entry : [entry]
  for (const name of namesOf(value)) {
    yield name
    yield fieldOf(value, name)
  }
  if (!plain || hasCustomMethods(value)) for (const { result } of customResults(value)) yield result
}

/** Fast path for most values: plain objects and arrays inherit no custom code. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

const classNameOf = (value: object): string => {
  const made = fieldOf(value, 'constructor')
  return typeof made === 'function' ? String(made.name) : ''
}

/** Maps, sets, headers and similar types, which expose entries. */
const isEntries = (value: object): value is Iterable<unknown> =>
  value instanceof Map ||
  value instanceof Set ||
  (['Headers', 'URLSearchParams', 'FormData'].includes(tagOf(value)) &&
    typeof fieldOf(value, Symbol.iterator) === 'function')

const tagOf = (value: object): string => {
  const tag = fieldOf(value, Symbol.toStringTag)
  return typeof tag === 'string' ? tag : ''
}

const ofFunctions = ['length', 'name', 'prototype', 'arguments', 'caller']
const ofErrors = ['name', 'message', 'stack', 'cause', 'errors']

/** Own properties, without array items; for errors also properties that their class may provide. */
const namesOf = (value: object): readonly (string | symbol)[] => {
  const own = Reflect.ownKeys(value)
  if (Array.isArray(value))
    return own.length === value.length + 1
      ? []
      : own.filter((name) => typeof name === 'symbol' || !/^(?:\d+|length)$/.test(name))
  if (typeof value === 'function') return own.filter((name) => !ofFunctions.includes(String(name)))
  return isError(value) ? [...new Set([...own, ...ofErrors.filter((name) => name in value)])] : own
}

/** A getter may throw. */
const fieldOf = (value: object, name: string | symbol): unknown => {
  try {
    return anyFieldOf(value, name)
  } catch {
    return undefined
  }
}

const inspecting = Symbol.for('nodejs.util.inspect.custom')

interface CustomResult {
  readonly name: string | symbol
  readonly result: unknown
}

/** Results of a value's custom code. */
const customResults = (value: object): readonly CustomResult[] => {
  const results: CustomResult[] = []
  for (const name of customMethods) {
    const code = fieldOf(value, name)
    if (typeof code === 'function' && !isBuiltIn(value, name))
      results.push({ name, result: callCustom(value, name, code) })
  }
  return results
}

const builtIn: ReadonlySet<unknown> = new Set(
  [Object.prototype, Array.prototype, Error.prototype].flatMap((prototype) => [prototype.toString]),
)
const isBuiltIn = (value: object, name: string | symbol): boolean =>
  name === 'toString' && builtIn.has(fieldOf(value, name))

const customMethods = ['toJSON', 'toString', inspecting, Symbol.toPrimitive]

const hasCustomMethods = (value: object): boolean => customMethods.some((name) => Object.hasOwn(value, name))

const inspectOptions = {
  depth: 2,
  stylize: String,
  maxStringLength: Infinity,
  maxArrayLength: Infinity,
  breakLength: Infinity,
}

const callCustom = (value: object, name: string | symbol, code: Function): unknown => {
  try {
    const given = name === inspecting ? [2, inspectOptions, String] : [name === Symbol.toPrimitive ? 'string' : '']
    return Reflect.apply(code, value, given)
  } catch {
    return undefined
  }
}

/** Copies values part by part; a value seen before gives the same copy. */
const copier = (text: Text): ((value: unknown, depth: number) => unknown) => {
  const made = new Map<object, unknown>()
  let count = 0
  const copied = (value: unknown, depth: number): unknown => {
    try {
      return copiedPart(value, depth)
    } catch {
      return hidden
    }
  }

  const copiedPart = (value: unknown, depth: number): unknown => {
    if (!hasParts(value)) return simple(value, text)
    if (typeof value === 'function') return `[function ${text(value.name)}]`
    if (made.has(value)) return made.get(value)
    const masked = whole(value, text)
    if (masked !== undefined) return masked
    if (depth > deepest || ++count > most) return hidden
    return copyOf(value, (part) => copied(part, depth + 1))
  }

  const copyOf = (value: object, inner: (part: unknown) => unknown): unknown => {
    const results = customResults(value)
    const json = results.find(({ name }) => name === 'toJSON')
    if (json !== undefined && json.result !== value && !isError(value)) {
      made.set(value, hidden)
      const shown = inner(json.result)
      made.set(value, shown)
      return shown
    }
    const copy = emptyLike(value, text(classNameOf(value)) === classNameOf(value))
    made.set(value, copy)
    fill(copy, value, inner)
    for (const { name, result } of results)
      define(copy, name, answering(name, result === value ? copy : inner(result)), false)
    return copy
  }

  const fill = (copy: object, value: object, inner: (part: unknown) => unknown): void => {
    if (Array.isArray(copy) && isList(value)) for (const item of value) copy.push(inner(item))
    else if (copy instanceof Set && value instanceof Set) for (const item of value) copy.add(inner(item))
    else if (copy instanceof Map && isEntries(value))
      for (const entry of value) if (isList(entry)) copy.set(inner(entry[0]), inner(entry[1]))
    for (const name of namesOf(value)) {
      if (typeof name === 'symbol' && simple(name, text) !== name) continue
      define(
        copy,
        typeof name === 'string' ? text(name) : name,
        inner(fieldOf(value, name)),
        !isError(value) || Object.prototype.propertyIsEnumerable.call(value, name),
      )
    }
  }
  return copied
}

/** A function that returns the recorded result in place of the custom code. */
const answering = (name: string | symbol, result: unknown): unknown =>
  name === inspecting && typeof result !== 'string' ? undefined : () => result

/** An empty value of the same class, if the class name may be shown, so that its type stays visible. */
const emptyLike = (value: object, mayBeNamed: boolean): object => {
  if (Array.isArray(value)) return []
  if (value instanceof Set) return new Set()
  if (isEntries(value)) return new Map()
  const empty = isError(value) ? new Error() : {}
  if ('stack' in empty) void empty.stack // computed now: later it would read the message of the error's class
  if (mayBeNamed) Reflect.setPrototypeOf(empty, Reflect.getPrototypeOf(value))
  return empty
}

const define = (target: object, name: string | symbol, value: unknown, enumerable: boolean): void =>
  void Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true })
