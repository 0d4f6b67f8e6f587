import { readFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { defineTask, file, param } from 'taskchain'

/** The words of a text in lower case, in order: the task `words:all_words`. */
export const allWords = defineTask({
  params: { sourceFile: param(file, { doc: 'the text to count' }) }, // read from `source_file` in the config; computed again when the text changes
  data: t.array(t.string),
}).run(async ({ sourceFile }, { log }) => {
  const text = await readFile(sourceFile, 'utf8')
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  log.info('read', { words: words.length, sourceFile })
  return [...words]
})

interface Count {
  readonly word: string
  readonly count: number
}
const Count: t.Type<Count> = t.type({ word: t.string, count: t.number }, 'Count')

/** The most frequent words and their counts: the task `words:counts`. */
export const counts = defineTask({
  inputs: { allWords },
  params: {
    minLength: param(t.number, { default: 1, doc: 'shorter words are left out' }),
    top: param(t.number, { default: 10, doc: 'how many words to list' }),
  },
  data: t.array(Count),
}).run(({ allWords, minLength, top }, { note }) => {
  const counted = new Map<string, number>()
  for (const word of allWords) if (word.length >= minLength) counted.set(word, (counted.get(word) ?? 0) + 1)
  note({ different: counted.size })
  return [...counted]
    .map(([word, count]) => ({ word, count }))
    .sort((left, right) => right.count - left.count || (left.word < right.word ? -1 : 1))
    .slice(0, top)
})
