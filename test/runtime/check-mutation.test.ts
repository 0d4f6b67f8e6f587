import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { defineTask } from '../../src/declare/task.js'
import { mock, testChain } from '../../src/testing/index.js'

test('numbers that the engine keeps in another way after reading are no change', async () => {
  const ratings = defineTask({ data: inMemory<readonly { readonly rating: number }[]>() }).run(() => [])
  const half = (rating: number): object => ({ rating: rating + 0.5 })
  const integers = Array.from({ length: 10 }, (_, index) => ({ rating: index }))
  const best = defineTask({ inputs: { ratings }, data: t.number }).run(({ ratings }) => {
    half(1) // objects of this shape now have a double field; reading migrates the older ones
    return Math.max(...ratings.map(({ rating }) => rating))
  })
  expect(await testChain({ tasks: [best], mocks: [mock(ratings, integers)] }).value(best)).toBe(9)
})

test('what run changes is found', async () => {
  const ratings = defineTask({ data: inMemory<{ rating: number }[]>() }).run(() => [])
  const best = defineTask({ inputs: { ratings }, data: t.number }).run(({ ratings }) =>
    ratings.reduce((most, film) => Math.max(most, film.rating++), 0),
  )
  await expect(testChain({ tasks: [best], mocks: [mock(ratings, [{ rating: 1 }])] }).value(best)).rejects.toThrow(
    "changed its input 'ratings'",
  )
})
