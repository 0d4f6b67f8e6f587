import { planOf, testChain, testTask } from 'taskchain/testing'
import { expect, test } from 'vitest'
import * as words from '../tasks/words.js'

test('the most frequent words come first', async () => {
  const counts = await testTask(words.counts, {
    inputs: { allWords: ['soul', 'the', 'the'] },
    params: { minLength: 1, top: 1 },
  })
  expect(counts).toEqual([{ word: 'the', count: 2 }])
})

test('the chain, in memory', async () => {
  const source = new URL('../texts/poem.txt', import.meta.url).pathname
  const chain = testChain({ tasks: { words }, params: { source_file: source, top: 2 } })
  expect(await chain.value(words.counts)).toHaveLength(2)
})

test('the plan, which is only data', () => {
  const plan = planOf({ tasks: { words }, params: { source_file: 'a.txt' }, digests: { 'a.txt': '0' } })
  expect(plan.nodes.map(({ id }) => id)).toEqual(['words:all_words', 'words:counts'])
})
