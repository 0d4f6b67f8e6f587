import { readFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { defineTask, file, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { ask } from './model.js'

const Question = t.type({ country: t.string, expected: t.string })
type Question = t.TypeOf<typeof Question>

/** Placeholder for your questions: replace it with code that reads a file. */
export const questions = defineTask({ params: { howMany: param(t.number, { default: 4 }) }, data: rows(Question) }).run(
  ({ howMany }) =>
    [
      { country: 'France', expected: 'Paris' },
      { country: 'Peru', expected: 'Lima' },
      { country: 'Japan', expected: 'Tokyo' },
      { country: 'Iceland', expected: 'Reykjavik' },
    ].slice(0, howMany),
)

/**
 * Each answer is stored separately: a run that was killed requests only what is missing, and nothing is paid for twice.
 */
export const answers = defineTask({
  inputs: { questions },
  params: {
    prompt: param(file, { doc: 'a text with {country} in it; its content is part of the key' }),
    model: t.string,
    apiKey: param(t.string, { secret: true, default: '', doc: '{ env: NAME }; in no key, plan or log' }),
    concurrency: param(t.number, { default: 8, ignorePersistence: true }),
  },
  data: rows(t.type({ country: t.string, answer: t.string })),
}).run(async ({ questions, prompt, model, apiKey, concurrency }, { mapItems }) => {
  const text = await readFile(prompt, 'utf8')
  const found = await mapItems(
    questions.map(({ country }) => text.replace('{country}', country)), // the item: the question asked
    async (filled, { usage, signal }) => {
      const answer = await ask({ model, prompt: filled, apiKey, signal })
      usage({ tokens: answer.tokens, cost: answer.tokens * 0.000_002 })
      return answer
    },
    {
      params: { model },
      concurrency,
      retry: { attempts: 4, delay: 500 },
      timeout: 60_000,
      accept: ({ finish }) => finish === 'stop' || `finish was ${finish}`,
      maxCost: 5,
    },
  )
  return questions.map(({ country }, at) => ({ country, answer: found[at]?.text ?? '' }))
})

/** The judge. Improving it recomputes only this task: the model is not called again. */
export const scores = defineTask({
  inputs: { questions, answers },
  data: t.type({ right: t.number, of: t.number }),
}).run(({ questions, answers }) => ({
  right: questions.filter(({ expected }, at) => answers[at]?.answer.includes(expected)).length,
  of: questions.length,
}))
