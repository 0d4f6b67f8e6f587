import { fieldOf } from '../../base/records.js'

/**
 * Milliseconds that a response asks to wait: `retryAfter` of the thrown value, in milliseconds, or the header
 * `Retry-After` of its `response` or `headers`, in seconds or as a date (RFC 9110, 10.2.3). Undefined if there is none.
 */
export const retryAfterOf = (problem: unknown, now: number): number | undefined => {
  if (!isObject(problem)) return undefined
  const own = fieldOf(problem, 'retryAfter')
  if (typeof own === 'number' && own >= 0) return own
  const response = fieldOf(problem, 'response')
  const text =
    headerIn(fieldOf(problem, 'headers')) ?? (isObject(response) ? headerIn(fieldOf(response, 'headers')) : undefined)
  if (text === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const headerIn = (headers: unknown): string | undefined => {
  if (!isObject(headers)) return undefined
  const get = fieldOf(headers, 'get')
  const found: unknown =
    typeof get === 'function'
      ? get.call(headers, 'retry-after')
      : (fieldOf(headers, 'retry-after') ?? fieldOf(headers, 'Retry-After'))
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
