import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { embed } from '../service/embed.js'
import { startEmbedder } from '../service/server.js'
import { mutualInformation, vocabularyOf } from '../vectors/cooccurrence.js'
import { decomposed } from '../vectors/decomposition.js'
import { documents } from './documents.js'

/** Words that occur near the same words get vectors that point in similar directions. */
export const wordVectors = defineTask({
  inputs: { documents },
  params: {
    rank: param(t.number, { default: 100 }),
    window: param(t.number, { default: 8 }),
    inAtLeast: param(t.number, { default: 5 }),
    mostWords: param(t.number, { default: 5000 }),
  },
  data: t.record(t.string, t.array(t.number)),
}).run(({ documents, rank, window, inAtLeast, mostWords }) => {
  const texts = documents.map(({ text }) => text)
  const vocabulary = vocabularyOf(texts, inAtLeast, mostWords)
  const vectors = decomposed(mutualInformation(texts, vocabulary, window), Math.min(rank, vocabulary.length))
  const rounded = vectors.map((vector) => Array.from(vector, (value) => Math.round(value * 1e4) / 1e4))
  return Object.fromEntries(vocabulary.map((word, at) => [word, rounded[at] ?? []]))
})

/**
 * Requests the vector of each document, many per request; each is stored separately. A refused document gets an empty
 * list.
 */
export const documentVectors = defineTask({
  inputs: { documents, wordVectors },
  params: {
    letters: param(t.number, { default: 8000 }), // the API takes no longer texts
    batchSize: param(t.number, { default: 32, ignorePersistence: true }),
  },
  data: t.array(t.array(t.number)),
}).run(async ({ documents, wordVectors, letters, batchSize }, { mapItems, note, log }) => {
  const model = createHash('sha256').update(JSON.stringify(wordVectors)).digest('hex').slice(0, 16)
  const embedder = await startEmbedder(wordVectors)
  try {
    const outcomes = await mapItems(
      documents.map(({ text }) => text.slice(0, letters)),
      embed(embedder.url),
      { params: { model }, batch: { size: batchSize }, concurrency: 4, onError: 'keep' },
    )
    const refused = outcomes.filter(({ _tag }) => _tag !== 'done').length
    if (refused > 0) log.warn(`${refused} documents have no vector`)
    return outcomes.map((outcome) => (outcome._tag === 'done' ? outcome.value : []))
  } finally {
    note({ bill: embedder.bill() })
    await embedder.stop()
  }
})
