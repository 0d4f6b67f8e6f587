import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { text } from 'taskchain/data'
import { wordsOf, type Document } from '../document.js'
import { largest, nearest, unit } from '../vectors/nearest.js'
import { documents } from './documents.js'
import { documentVectors, wordVectors } from './vectors.js'

/** The nearest other documents of each document, by index. */
export const neighbours = defineTask({ inputs: { documentVectors }, data: t.array(t.array(t.number)) }).run(
  ({ documentVectors }) => {
    const vectors = documentVectors.map(unit)
    return vectors.map((_, at) => [...nearest(vectors, at, 5)])
  },
)

/** The same by counting common words, weighting rare words more: the baseline that the vectors have to beat. */
export const neighboursByWords = defineTask({ inputs: { documents }, data: t.array(t.array(t.number)) }).run(
  ({ documents }) => {
    const words = documents.map(({ text }) => new Set(wordsOf(text)))
    const places = new Map<string, number[]>()
    for (const [at, those] of words.entries())
      for (const word of those) {
        const found = places.get(word)
        if (found === undefined) places.set(word, [at])
        else found.push(at)
      }
    const weightOf = (word: string): number => Math.log(documents.length / (places.get(word)?.length ?? 1)) ** 2
    const lengths = words.map((those) =>
      Math.sqrt(Array.from(those, weightOf).reduce((sum, weight) => sum + weight, 0)),
    )
    return words.map((those, at) => {
      const scores = new Float64Array(documents.length)
      for (const word of those) {
        const found = places.get(word) ?? []
        if (found.length > documents.length / 10) continue // too common to be informative
        const weight = weightOf(word)
        for (const place of found) scores[place]! += weight
      }
      scores[at] = -Infinity
      return [
        ...largest(
          scores.map((score, place) => score / (lengths[place] ?? 1)),
          5,
        ),
      ]
    })
  },
)

/** For documents that are not alone in their thread, how many have one of it as nearest; for all, one of their list. */
export const Quality = t.type({ how: t.string, thread: t.number, threadInFive: t.number, list: t.number }, 'Quality')
type Quality = t.TypeOf<typeof Quality>

const qualityOf = (how: string, documents: readonly Document[], near: readonly (readonly number[])[]): Quality => {
  const sizes = new Map<string, number>()
  for (const { thread } of documents) sizes.set(thread, (sizes.get(thread) ?? 0) + 1)
  const isAnswered = documents.map(({ thread }) => (sizes.get(thread) ?? 0) > 1)
  const share = (field: 'thread' | 'list', of: number, among: readonly boolean[]): number => {
    const hits = documents.filter(
      (one, at) =>
        among[at] === true && near[at]?.slice(0, of).some((place) => documents[place]?.[field] === one[field]),
    )
    return hits.length / Math.max(1, among.filter(Boolean).length)
  }
  const everyone = documents.map(() => true)
  return {
    how,
    thread: share('thread', 1, isAnswered),
    threadInFive: share('thread', 5, isAnswered),
    list: share('list', 1, everyone),
  }
}

export const qualities = defineTask({
  inputs: { documents, neighbours, neighboursByWords },
  data: t.array(Quality),
}).run(({ documents, neighbours, neighboursByWords }) => {
  const chance = documents.map((_, at) => [1, 2, 3, 4, 5].map((step) => (at * 7919 + step * 104729) % documents.length))
  return [
    qualityOf('chance', documents, chance),
    qualityOf('common words', documents, neighboursByWords),
    qualityOf('vectors', documents, neighbours),
  ]
})

/** For display. */
export const report = defineTask({
  inputs: { documents, wordVectors, qualities },
  params: { words: param(t.array(t.string), { default: ['linux', 'patch', 'money', 'music', 'president'] }) },
  data: text(),
}).run(({ documents, wordVectors, qualities, words }) => {
  const vocabulary = Object.keys(wordVectors)
  const vectors = Object.values(wordVectors).map(unit)
  const near = (word: string): string =>
    nearest(vectors, vocabulary.indexOf(word), 5)
      .map((at) => vocabulary[at])
      .join(', ')
  return [
    `${documents.length} documents, ${vocabulary.length} words`,
    'nearest by       same thread   of five   same list',
    ...qualities.map(
      ({ how, thread, threadInFive, list }) =>
        `${how.padEnd(15)}${[thread, threadInFive, list].map((share) => share.toFixed(3).padStart(12)).join('')}`,
    ),
    ...words.filter((word) => word in wordVectors).map((word) => `${word}: ${near(word)}`),
  ].join('\n')
})
