import { hash } from 'node:crypto'
import { encodeCanonical } from '../../plan/key.js'
import { toEncoded } from '../../plan/params/encoded.js'

/** Prefix of every key of a set; changes with the encoding. */
const scheme = 1

/** What the results of a set depend on besides the item. */
export interface KeyedBy {
  /** `group:name`. */
  readonly task: string
  readonly name: string
  readonly version: string | number | undefined
  readonly params: unknown
  readonly trial: string | number | undefined
}

/**
 * The key of an item: a hash of all of this in 32 hex digits; the part common to a set is encoded once. Throws a
 * `TypeError` that names the place of a value that is not JSON-like.
 */
export const itemKeys = ({
  task,
  name,
  version,
  params,
  trial,
}: KeyedBy): ((item: unknown, index: number) => string) => {
  const common = encoded(params ?? null, () => 'params of mapItems', '')
  const start = encodeCanonical([scheme, task, name, version ?? null, common, trial ?? null])
  return (item, index) =>
    hash(
      'sha256',
      start + encodeCanonical(encoded(item, () => `item ${index}`, "; identify it with 'key'")),
      'hex',
    ).slice(0, 32)
}

const encoded = (value: unknown, what: () => string, hint: string) => {
  const outcome = toEncoded(value)
  if (outcome._tag === 'Encoded') return outcome.value
  const at = outcome.path === '' ? '' : ` at ${outcome.path}`
  throw new TypeError(`${what()} cannot be identified: ${outcome.problem}${at}${hint}`)
}
