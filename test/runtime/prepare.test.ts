import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { FormatProblem, makeFormat } from '../../src/declare/format.js'
import { defineTask } from '../../src/declare/task.js'
import { explainText } from '../../src/explain.js'
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

test('nothing is computed where a result further on could not be kept; all that lack something are named', async () => {
  let ran = 0
  const lacking = (name: string) =>
    makeFormat<number>(name, 'json', {
      storage: 'file',
      prepare: () => Promise.reject(new FormatProblem(`${name} needs a package: not installed`)),
      encode: () => Buffer.from('1'),
      decode: () => 1,
    })
  const dear = defineTask({ name: 'dear', data: t.number }).run(() => ++ran)
  const drawn = defineTask({ name: 'drawn', inputs: { dear }, data: lacking('drawing') }).run(({ dear }) => dear)
  const printed = defineTask({ name: 'printed', inputs: { dear }, data: lacking('print') }).run(({ dear }) => dear)
  const chain = testChain({ tasks: [dear, drawn, printed] })
  const { failed, computed } = await chain.run()
  expect(failed.map(explainText)).toEqual([
    expect.stringContaining('drawing needs a package: not installed'),
    expect.stringContaining('print needs a package: not installed'),
  ])
  expect({ ran, computed }).toEqual({ ran: 0, computed: [] })
  expect(await chain.value(dear)).toBe(1) // asked for by itself it needs neither
})
