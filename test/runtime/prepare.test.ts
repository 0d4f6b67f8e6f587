import { expect, test } from 'vitest'
import { FormatProblem, makeFormat } from '../../src/declare/format.js'
import { defineTask } from '../../src/declare/task.js'
import { testChain } from '../../src/testing/index.js'

test('what a format cannot keep for want of a package is said before the task runs', async () => {
  let ran = 0
  const data = makeFormat<number>('drawing', 'json', {
    storage: 'file',
    prepare: () => Promise.reject(new FormatProblem('drawings need the package pencil: not installed')),
    encode: () => Buffer.from('1'),
    decode: () => 1,
  })
  const drawn = defineTask({ data }).run(() => ++ran)
  const chain = testChain({ tasks: [drawn] })
  await expect(chain.value(drawn)).rejects.toThrow(/drawings need the package pencil: not installed/)
  expect(ran).toBe(0)
})
