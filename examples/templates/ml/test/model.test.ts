import { testChain, testTask } from 'taskchain/testing'
import { expect, test } from 'vitest'
import * as data from '../tasks/data.js'
import * as model from '../tasks/model.js'

const house = { size: 100, rooms: 3, price: 250_000 }

test('a line learns what lies on a line', async () => {
  const houses = [50, 100, 150].map((size) => ({ size, rooms: 1, price: size * 10 }))
  const trained = await testTask(model.trained, {
    inputs: { trainSet: houses },
    params: { model: { class: 'Line', kwargs: { l2: 0 } } },
  })
  expect(trained({ ...house, size: 200 })).toBeCloseTo(2000)
})

test('a fake model in a chain, in memory', async () => {
  const chain = testChain({
    tasks: { data, model },
    params: {
      count: 40,
      model: {
        fit:
          () =>
          ({ price }: typeof house) =>
            price,
      },
    },
  })
  expect(await chain.value(model.metrics)).toMatchObject({ rmse: 0 })
})
