import * as t from 'io-ts'
import { defineTask } from '../../src/index.js'
import type { ItemOutcome } from '../../src/types/index.js'
import { jsonLines } from '../../src/data/index.js'
import { onThreads, type ThreadContext } from '../../src/workers/index.js'
import type { Equal, Expect } from './expect.js'

/** `mapItems`: items and results are inferred, and `onError` says which are given. */

export const scored = defineTask({ data: t.array(t.number) }).run(async (_, { mapItems }) => {
  const lengths = await mapItems(['a', 'bc'], async (word, { usage, attempt }) => {
    usage({ cost: attempt })
    return word.length
  })
  type _lengths = Expect<Equal<typeof lengths, number[]>>
  const kept = await mapItems([1], (one) => String(one), { onError: 'keep', accept: (text, one) => text === `${one}` })
  type _kept = Expect<Equal<typeof kept, ItemOutcome<string>[]>>
  const inBatches = await mapItems(
    ['a', 'bc'],
    async (words) => words.map((word) => word.length || new Error('empty')),
    {
      batch: { size: 10, by: (word) => word.length },
    },
  )
  type _inBatches = Expect<Equal<typeof inBatches, number[]>>
  const byKey = await mapItems(new Set([1]), (_, { keys }) => new Map(keys.map((key) => [key, key.length])), {
    batch: { size: 10 },
    onError: 'keep',
    accept: (length, item) => length > item,
  })
  type _byKey = Expect<Equal<typeof byKey, ItemOutcome<number>[]>>
  // @ts-expect-error with batch the function gets a list
  await mapItems([1], async (one: number) => [one], { batch: { size: 2 } })
  return lengths
})

export const streamed = defineTask({ inputs: { scored }, data: jsonLines(t.string) }).run(async function* (
  { scored },
  { mapItems },
) {
  yield* mapItems.stream(scored, async (one) => one.toFixed(1))
})

/** On threads items and results are those of the function. */
export const onThread = defineTask({ data: t.number }).run(async (_, { mapItems }) => {
  const lengthOf = onThreads<(word: string, context: ThreadContext) => Promise<number>>('lengths.js', 'lengthOf')
  const lengths = await mapItems(['a', 'bc'], lengthOf, { concurrency: 2 })
  type _lengths = Expect<Equal<typeof lengths, number[]>>
  const many = onThreads<(words: readonly string[]) => number[]>(new URL('lengths.js', import.meta.url))
  const inBatches = await mapItems(['a', 'bc'], many, { batch: { size: 2 } })
  type _inBatches = Expect<Equal<typeof inBatches, number[]>>
  // @ts-expect-error the function takes texts
  await mapItems([1, 2], lengthOf)
  return lengths.length + inBatches.length
})
