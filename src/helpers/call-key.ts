import { hash } from 'node:crypto'
import type { Encoded } from '../declare/types.js'
import { toEncoded } from '../plan/params/encoded.js'
import { encodeCanonical } from '../plan/key.js'

/** What identifies a call of a cached function. */
export interface Call {
  /** Name of the function. */
  readonly name: string
  readonly version: string | number | undefined
  /** The arguments, or the result of `key` for them. */
  readonly identity: unknown
}

/**
 * The first 32 hex digits of a SHA-256 over a canonical encoding: the same for equal arguments, whatever the order of
 * their fields; different for `1` and `'1'`.
 * Throws a `TypeError` that names the place of a value that is not JSON-like (bigint is allowed).
 */
export const callKey = ({ name, version, identity }: Call): string => {
  const encoded = toEncoded(identity)
  if (encoded._tag === 'Refused')
    throw new TypeError(
      `cannot tell calls of '${name}' apart: ${encoded.problem}` +
        ` at ${encoded.path === '' ? 'the top' : encoded.path}; give cached() a key, or ignore the argument`,
    )
  const call: Encoded = { name, version: version ?? null, identity: encoded.value }
  return hash('sha256', encodeCanonical(call), 'hex').slice(0, 32)
}

/**
 * Arguments without the ignored positions and the ignored fields of the first one; trailing undefined counts as not
 * given.
 */
export const identityOf = (args: readonly unknown[], ignore: readonly (number | string)[]): readonly unknown[] => {
  const fields = ignore.filter((name) => typeof name === 'string')
  const kept = args.map((arg, position) => {
    if (ignore.includes(position)) return null
    return position === 0 && fields.length > 0 && isRecord(arg)
      ? Object.fromEntries(Object.entries(arg).filter(([name]) => !fields.includes(name)))
      : arg
  })
  const end = kept.findLastIndex((arg, position) => arg !== undefined && !ignore.includes(position))
  return kept.slice(0, end + 1)
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
