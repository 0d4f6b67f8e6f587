import { expect, test } from 'vitest'
import { documentOf } from '../document.js'
import { mutualInformation, vocabularyOf } from '../vectors/cooccurrence.js'
import { decomposed, dot } from '../vectors/decomposition.js'
import { largest, nearest, unit } from '../vectors/nearest.js'

const texts = Array.from({ length: 40 }, (_, at) =>
  at % 2 === 0 ? 'the cat drinks milk; the dog drinks milk' : 'the car burns petrol; the truck burns petrol',
)

test('words that stand near the same words have vectors that point the same way', () => {
  const vocabulary = vocabularyOf(texts, 2, 100)
  const vectors = decomposed(mutualInformation(texts, vocabulary, 2), 4).map(unit)
  const near = (word: string): string | undefined => vocabulary[nearest(vectors, vocabulary.indexOf(word), 1)[0] ?? -1]
  expect(vocabulary[0]).toBe('the')
  expect([near('cat'), near('car')]).toEqual(['dog', 'truck'])
})

test('the largest come first', () => {
  const scores = Float64Array.from([3, -1, 9, 4, 9.5, 0])
  expect([largest(scores, 3), largest(scores, 9)]).toEqual([
    [4, 2, 3],
    [4, 2, 3, 0, 5, 1],
  ])
  expect(dot(unit([3, 4]), [1, 0])).toBeCloseTo(0.6)
})

test('what somebody has written themselves is what counts, and a reply belongs to its thread', () => {
  const own =
    'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty more'
  const mail = (subject: string, body: string) => `List-Id: Talk\n <talk.example>\nSubject: ${subject}\n\n${body}\n`
  expect(
    documentOf('a', mail('[talk] Re: [Talk] A Question', `On Monday X wrote:\n> cited words\n${own}\n-- \nX`)),
  ).toEqual({
    id: 'a',
    list: 'talk.example',
    thread: 'a question',
    text: own,
  })
  expect(documentOf('b', mail('too short', 'yes'))).toBe(undefined)
})
