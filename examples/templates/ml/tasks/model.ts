import * as t from 'io-ts'
import { defineObject, defineTask, inMemory, object } from 'taskchain'
import { testSet, trainSet, type House } from './data.js'

/** A model learns from houses and then predicts prices. The config chooses one: `model: { class: Line, kwargs: … }`. */
export interface Model {
  readonly fit: (houses: readonly House[]) => (house: House) => number
}

export const Mean = defineObject('Mean', {}).create(
  (): Model => ({
    fit: (houses) => {
      const mean = houses.reduce((sum, { price }) => sum + price, 0) / houses.length
      return () => mean
    },
  }),
)

export const Line = defineObject('Line', { args: { l2: t.number } }).create(
  ({ l2 }): Model => ({
    fit: (houses) => {
      const mean = (of: (house: House) => number): number =>
        houses.reduce((sum, house) => sum + of(house), 0) / houses.length
      const [size, price] = [mean((house) => house.size), mean((house) => house.price)]
      const together = mean((house) => (house.size - size) * (house.price - price))
      const slope = together / (mean((house) => (house.size - size) ** 2) + l2)
      return (house) => price + slope * (house.size - size)
    },
  }),
)

/** A function cannot be stored, so it stays in memory, and is recreated only for a task that needs it. */
export const trained = defineTask({
  inputs: { trainSet },
  params: { model: object(Mean, Line) },
  data: inMemory<(house: House) => number>(),
}).run(({ trainSet, model }) => model.fit(trainSet))

export const metrics = defineTask({
  inputs: { trained, testSet },
  data: t.type({ rmse: t.number, houses: t.number }),
}).run(({ trained, testSet }) => {
  const squares = testSet.map((house) => (trained(house) - house.price) ** 2)
  return { rmse: Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length), houses: testSet.length }
})
