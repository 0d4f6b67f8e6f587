import { deserialize, serialize } from 'node:v8'
import { fieldOf } from '../base/records.js'

/**
 * Messages between processes: as JSON, which costs a small message half of what structured cloning does. What JSON
 * cannot represent is cloned, and sent as text in parts.
 */

/** A part of a cloned message; `isLast`: it is complete. */
interface Part {
  readonly $cloned: string
  readonly isLast: boolean
}

/** What to send for a message. */
export const sent = (message: unknown): readonly object[] =>
  fieldOf(message, '_tag') === 'Plan'
    ? planParts(message)
    : isJson(message, deepest)
      ? [message as object]
      : cloned(message)

let latest: { readonly plan: unknown; readonly parts: readonly Part[] } | undefined
/** Milliseconds for which a cloned plan is kept. */
const keeping = 5000

/** Several processes soon receive the same plan. */
const planParts = (message: unknown): readonly Part[] => {
  const [plan, secrets] = [fieldOf(message, 'plan'), fieldOf(message, 'secrets')]
  if (!(secrets instanceof Map) || secrets.size > 0) return cloned(message)
  if (latest?.plan !== plan) {
    latest = { plan, parts: cloned(message) }
    setTimeout(() => (latest = undefined), keeping).unref()
  }
  return latest?.parts ?? cloned(message)
}

/** Reads what is received; `take` gets whole messages. Invalid parts are passed on as they are. */
export const receiving = (take: (message: unknown) => void): ((received: unknown) => void) => {
  let parts: Buffer[] = []
  return (received) => {
    const text = fieldOf(received, '$cloned')
    if (typeof text !== 'string') return take(received)
    parts.push(Buffer.from(text, 'base64'))
    if (fieldOf(received, 'isLast') !== true) return
    const whole = parts
    parts = []
    take(readOr(received, whole))
  }
}

const readOr = (received: unknown, parts: readonly Uint8Array[]): unknown => {
  try {
    return deserialize(Buffer.concat(parts))
  } catch {
    return received // a task has sent it
  }
}

/** Bytes in a part: a text may have 2^29 characters. */
const longest = 2 ** 26

const cloned = (message: unknown): readonly Part[] => {
  const bytes = serialize(message)
  const count = Math.ceil(bytes.length / longest)
  return Array.from({ length: count }, (_, at) => ({
    $cloned: bytes.toString('base64', at * longest, (at + 1) * longest),
    isLast: at === count - 1,
  }))
}

/** Deeper messages are cloned. */
const deepest = 8
/** Fields of messages themselves, down to this level, may be left out if they are undefined. */
const ownLevels = deepest - 2

const isJson = (value: unknown, levels: number): boolean => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || levels === 0) return false
  if (Array.isArray(value)) {
    for (const part of value) if (!isJson(part, levels - 1)) return false
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const name of Object.keys(value)) {
    const part = fieldOf(value, name)
    if (name === 'toJSON' || !(part === undefined ? levels >= ownLevels : isJson(part, levels - 1))) return false
  }
  return true
}
