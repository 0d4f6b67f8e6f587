import fc from 'fast-check'
import { hostileRecord } from './mutations.js'

/**
 * Values of a program that misbehave when they are looked at: throwing getters and traps, endless and huge lists,
 * prototypes of their own. Generated as signs and made at the end, since fast-check itself looks at what it generates.
 */

const throwing = (): never => {
  throw new Error('nobody may look')
}
const traps = new Proxy({}, { get: () => throwing })

const makers: readonly (() => unknown)[] = [
  () => Object.defineProperty({ tasks: '**' }, 'min_votes', { enumerable: true, get: throwing }),
  () => Object.defineProperty([1, 2], 0, { enumerable: true, get: throwing }),
  () => new Proxy({ tasks: 'movies.*' }, traps),
  () => new Proxy({ tasks: 'movies.*', min_votes: 1 }, {}),
  () => new Proxy({ tasks: 'movies.*' }, { get: throwing }),
  () => new Proxy({ tasks: 'movies.*' }, { ownKeys: throwing }),
  () => new Proxy({}, { ownKeys: () => ['tasks', '__proto__', 'größe'], getOwnPropertyDescriptor: () => undefined }),
  () => new Proxy([], traps),
  () => new Proxy(() => 1, traps),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    return proxy
  },
  () => Object.assign([], { length: 2 ** 32 - 1 }),
  () => Object.assign([], { length: 2 ** 32 - 1, 5: 'movies.*' }),
  () => Object.assign([], { length: 100_000_000 }),
  () => ({ length: 2 ** 53, 0: 'movies.*' }),
  () => ({ toJSON: throwing, toString: throwing, valueOf: throwing }),
  () => ({ [Symbol.toPrimitive]: throwing, [Symbol.iterator]: throwing, [Symbol.toStringTag]: 'Array' }),
  () => ({
    get [Symbol.toStringTag]() {
      return throwing()
    },
  }),
  () => Object.create(null),
  () => Object.create({ tasks: '**', min_votes: 1 }),
  () => Object.create(new Proxy({}, traps)),
  () => Object.setPrototypeOf([], null),
  () => Object.freeze({ größe: 1, 名前: 2, 'e\u0301': 3, é: 4, '\u{1f600}': 5, 'a\u200db': 6, '\ud800': 7 }),
  () => new Error('as a value'),
  () =>
    new (class Größe {
      readonly #hidden = 1
      get min_votes() {
        return this.#hidden
      }
    })(),
  () => new WeakMap(),
  () => new Uint8Array(50_000_000),
  () => new Date(NaN),
  () => /(a+)+$/g,
  () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    return circle
  },
  () => Promise.resolve(1),
  () => globalThis,
]

const sign = 'a strange value: '
const strange = fc.nat(makers.length - 1).map((at) => `${sign}${at}`)
const names = fc.constantFrom('tasks', 'uses', 'configs', 'min_votes', 'model', 'class', 'kwargs', 'größe', '名前', 'ﬁ')

/** A record with some of them in it, as signs. */
export const strangeRecord: fc.Arbitrary<unknown> = fc.oneof(
  strange,
  fc.dictionary(names, fc.oneof(strange, fc.array(strange, { maxLength: 2 })), { maxKeys: 4 }),
  fc.tuple(hostileRecord, names, strange).map(([record, name, value]) => ({ ...record, [name]: value })),
  fc.tuple(names, names, strange).map(([outer, inner, value]) => ({ tasks: 'movies.*', [outer]: { [inner]: value } })),
)

/** The values that signs stand for. */
export const realized = (value: unknown): unknown => {
  if (typeof value === 'string' && value.startsWith(sign)) return makers[Number(value.slice(sign.length))]?.()
  if (Array.isArray(value)) return value.map(realized)
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, realized(one)])) : value
}
