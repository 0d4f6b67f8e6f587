import { mock, testChain, testTask } from 'taskchain/testing'
import { expect, test } from 'vitest'
import * as evaluation from '../tasks/evaluation.js'

test('the judge', async () => {
  const scores = await testTask(evaluation.scores, {
    inputs: {
      questions: [{ country: 'Peru', expected: 'Lima' }],
      answers: [{ country: 'Peru', answer: 'It is Lima.' }],
    },
  })
  expect(scores).toEqual({ right: 1, of: 1 })
})

test('the chain, with answers that cost nothing', async () => {
  const chain = testChain({
    tasks: { evaluation },
    mocks: [mock(evaluation.answers, [{ country: 'France', answer: 'Paris' }])],
    params: { how_many: 1 },
  })
  expect(await chain.value(evaluation.scores)).toEqual({ right: 1, of: 1 })
})
