import { expect, test } from 'vitest'
import { logisticRegression, naiveBayes } from '../learners/learners.js'
import { wordsOf } from '../learners/words.js'

const documents = Array.from({ length: 60 }, (_, at) => ({ spam: at % 3 === 0, words: at % 3 === 0 ? [0, 2] : [1, 2] }))

test.each([naiveBayes, logisticRegression])('what only spam says is a sign of spam: %o', (learner) => {
  const score = learner(documents, 3)
  expect(
    [
      [0, 2],
      [1, 2],
    ].map((words) => score(words) > 0),
  ).toEqual([true, false])
  expect(score([0])).toBeGreaterThan(score([2]))
})

test('prices, numbers and shouting are words', () => {
  expect([...wordsOf('Win', 'WIN $1,000 in 24 hours!!!')]).toEqual([
    'subject:win',
    'win',
    '#price',
    'in',
    '#number',
    'hours',
    '!!!',
  ])
  expect(wordsOf('', 'CLICK').has('#shouting')).toBe(true)
})
