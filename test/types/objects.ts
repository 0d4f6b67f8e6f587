import * as t from 'io-ts'
import { defineObject, defineTask, object, param } from '../../src/index.js'
import type { Equal, Expect } from './expect.js'

interface Learner {
  predict(row: readonly number[]): number
}
class Mean implements Learner {
  readonly start: number
  constructor(start: number) {
    this.start = start
  }
  predict(): number {
    return this.start
  }
}
class Ridge implements Learner {
  readonly l2: number
  constructor(l2: number) {
    this.l2 = l2
  }
  predict(row: readonly number[]): number {
    return row.length * this.l2
  }
}

// arguments are typed by their codecs, instances by what create returns
const mean = defineObject('Mean', { args: { start: t.number, label: param(t.string, { default: 'mean' }) } }).create(
  ({ start, label }, { chain }) => {
    type _ = [
      Expect<Equal<typeof start, number>>,
      Expect<Equal<typeof label, string>>,
      Expect<Equal<ReturnType<ReturnType<typeof chain>['value']>, Promise<unknown>>>,
    ]
    return new Mean(start)
  },
)
const ridge = defineObject('Ridge', { args: { l2: param(t.number, { default: 1 }) } }).create(({ l2 }) => new Ridge(l2))
const nothing = defineObject('Nothing').create(() => new Mean(0))

// arguments that only the config names stand under `rest`
const open = defineObject('Open', { args: { depth: t.number }, rest: t.number }).create(({ depth, rest }) => {
  type _ = [Expect<Equal<typeof depth, number>>, Expect<Equal<typeof rest, Readonly<Record<string, number>>>>]
  return new Mean(depth + (rest['leaves'] ?? 0))
})
open.of({ depth: 1, rest: { leaves: 2 } })
// @ts-expect-error the rest are numbers
open.of({ depth: 1, rest: { leaves: 'two' } })
// @ts-expect-error without a codec for it there is no rest
defineObject('Closed', { args: { depth: t.number } }).create(({ rest }) => rest)

export const trained = defineTask({
  params: {
    one: object(ridge),
    either: object(mean, ridge),
    any: object<Learner>(),
    some: object<Learner>(mean, ridge),
    list: t.array(object(mean, nothing)),
    fallback: param(object<Learner>(mean, ridge), { default: ridge.of({ l2: 2 }) }),
  },
  data: t.number,
}).run((args) => {
  type _ = [
    Expect<Equal<(typeof args)['one'], Ridge>>,
    Expect<Equal<(typeof args)['either'], Mean | Ridge>>,
    Expect<Equal<(typeof args)['any'], Learner>>,
    Expect<Equal<(typeof args)['some'], Learner>>,
    Expect<Equal<(typeof args)['list'], Mean[]>>,
    Expect<Equal<(typeof args)['fallback'], Learner>>,
  ]
  return args.either.predict([1])
})

export const refused = [
  // @ts-expect-error a mean is no ridge
  param(object(ridge), { default: mean.of({ start: 1 }) }),
  // @ts-expect-error l2 is a number
  ridge.of({ l2: 'much' }),
  // @ts-expect-error no such argument
  ridge.of({ l3: 1 }),
]
