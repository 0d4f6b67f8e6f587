import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'

export interface House {
  readonly size: number
  readonly rooms: number
  readonly price: number
}
export const House: t.Type<House> = t.type({ size: t.number, rooms: t.number, price: t.number }, 'House')

/**
 * Placeholder for your data: replace it with code that reads a file (`params: { source: file }`). The seed is part of
 * the key.
 */
export const houses = defineTask({
  params: { count: t.number, seed: param(t.number, { default: 1 }) },
  data: rows(House),
}).run(({ count, seed }) => {
  let state = seed
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  return Array.from({ length: count }, (): House => {
    const [size, rooms] = [40 + random() * 160, 1 + Math.floor(random() * 6)]
    return { size, rooms, price: 2000 * size + 10_000 * rooms + random() * 40_000 }
  })
})

export const cleaned = defineTask({
  inputs: { houses },
  params: { maxSize: param(t.number, { default: 180, doc: 'larger houses are left out, in square metres' }) },
  data: rows(House),
}).run(({ houses, maxSize }, { note }) => {
  const kept = houses.filter(({ size }) => size <= maxSize)
  note({ leftOut: houses.length - kept.length })
  return kept
})

export const trainSet = defineTask({ inputs: { cleaned }, data: rows(House) }).run(({ cleaned }) =>
  cleaned.filter((_, at) => at % 4 > 0),
)
export const testSet = defineTask({ inputs: { cleaned }, data: rows(House) }).run(({ cleaned }) =>
  cleaned.filter((_, at) => at % 4 === 0),
)
