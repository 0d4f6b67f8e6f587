import { expect, test } from 'vitest'
import { once } from '../../src/helpers/index.js'

test('a value is made once, when it is first asked for', async () => {
  let made = 0
  const value = once(async () => ({ number: ++made }))
  expect(made).toBe(0)
  const [first, second] = await Promise.all([value(), value()])
  expect([first.number, second === first, (await value()) === first]).toEqual([1, true, true])
})

test('a failure is not kept, whether thrown or rejected', async () => {
  let tries = 0
  const value = once(() => {
    tries++
    if (tries === 1) throw new Error('thrown')
    if (tries === 2) return Promise.reject(new Error('rejected'))
    return tries
  })
  await expect(value()).rejects.toThrow('thrown')
  await expect(value()).rejects.toThrow('rejected')
  expect([await value(), await value()]).toEqual([3, 3])
})
