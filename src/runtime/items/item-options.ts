import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fieldOf } from '../../base/records.js'
import { firstProblem } from '../../declare/codec/codec.js'
import { numberWhere } from '../../declare/codec/guarded.js'
import type { MapItemsOptions } from '../../declare/items.js'
import { AtOnce, Duration, RetryCodec, Wait } from '../../declare/limits.js'

/** Options are checked before anything is computed: with a rate of zero, for example, the run would never end. */

const Rate = numberWhere('a number above 0', (value) => value > 0)

/** A batch of fractional size would never be full. */
const Size = numberWhere('a whole number from 1', (value) => Number.isInteger(value) && value >= 1)

const RateLimitCodec = t.partial({ requests: Rate, tokens: Rate })

const Batch = t.intersection([
  t.type({ size: Size }),
  t.partial({ by: t.Function, pollDelay: Duration, pollMaxDelay: Duration, within: Duration }),
])

const namesIn = ({ types }: { readonly types: readonly { readonly props: object }[] }): readonly string[] =>
  types.flatMap(({ props }) => Object.keys(props))

const Options = t.partial({
  name: t.string,
  version: t.union([t.string, t.number]),
  trial: t.union([t.string, t.number]),
  duplicates: t.keyof({ refuse: null, share: null }),
  concurrency: AtOnce,
  rateLimit: t.exact(RateLimitCodec, '{ requests, tokens: numbers above 0 }'),
  retry: RetryCodec,
  timeout: Duration,
  batch: t.exact(Batch, '{ size: a whole number from 1 }'),
  onError: t.keyof({ throw: null, keep: null }),
  expires: Duration,
  maxCost: Wait,
  expectedCost: Wait,
  read: t.boolean,
  write: t.boolean,
})

const functions = ['key', 'tokensOf', 'accept'] as const
const known: ReadonlySet<string> = new Set([...Object.keys(Options.props), ...functions, 'params'])

/** Throws a `TypeError` that names the option. */
export const checkItemOptions = (options: object): void => {
  const unknown = Object.keys(options).find((name) => !known.has(name))
  if (unknown !== undefined) throw new TypeError(`mapItems has no option '${unknown}'`)
  for (const name of functions) {
    const given = Object.entries(options).find(([option]) => option === name)?.[1] as unknown
    if (given !== undefined && typeof given !== 'function') throw new TypeError(`mapItems: ${name} must be a function`)
  }
  checkParts(options) // first: a misspelt name says more than the required one that is missing then
  const read = Options.decode(options)
  if (E.isLeft(read)) {
    const { path, expected, actual } = firstProblem(read.left)
    throw new TypeError(
      `mapItems: ${path.replace(/^\//, '') || 'its options'} must be ${expected}, not ${String(actual)}`,
    )
  }
}

/** Names in options that are records: a misspelt one in `rateLimit` would be no limit. */
const parts = {
  rateLimit: Object.keys(RateLimitCodec.props),
  retry: [...namesIn(RetryCodec), 'when'],
  batch: namesIn(Batch),
}

const checkParts = (options: object): void => {
  for (const [name, names] of Object.entries<readonly string[]>(parts)) {
    const other = Object.keys(Object(fieldOf(options, name)) as object).find((part) => !names.includes(part))
    if (other !== undefined) throw new TypeError(`mapItems: ${name} has no '${other}'; there are ${names.join(', ')}`)
  }
}

/** Refuses items that are not iterable before anything is started. */
export const checkItems = (items: unknown): void => {
  const given = Object(items) as object // typed as any
  if (items !== null && items !== undefined && (Symbol.iterator in given || Symbol.asyncIterator in given)) return
  throw new TypeError(
    `mapItems: items must be a list, or another iterable, not ${items === null ? 'null' : typeof items}`,
  )
}

/** Names become folder names. */
export const setName = ({ name = 'items' }: Pick<MapItemsOptions, 'name'>): string => {
  if (/^[A-Za-z][\w-]{0,60}$/.test(name)) return name
  throw new TypeError(`mapItems: a name is letters, digits, _ and -, not '${name}'`)
}

const needed = ['submit', 'poll', 'fetch'] as const

/** Checks what is to be called: throws a `TypeError` that names what is missing. */
export const checkFunction = (
  fn: unknown,
  { batch, write }: { readonly batch?: unknown; readonly write?: boolean },
) => {
  if (typeof fn === 'function') return
  if (typeof fn !== 'object' || fn === null) throw new TypeError('mapItems: expected a function or a provider')
  const lacking = needed.find((name) => typeof Reflect.get(fn, name) !== 'function')
  if (lacking !== undefined) throw new TypeError(`mapItems: ${lacking} of the provider must be a function`)
  if (batch === undefined) throw new TypeError('mapItems: a provider needs batch: { size }')
  if (write === false)
    throw new TypeError("mapItems: with write: false no run could resume a provider's batch after a kill")
}
