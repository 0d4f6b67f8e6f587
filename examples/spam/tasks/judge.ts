import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { askJudge, mayPass } from '../judge/ask.js'
import { Verdict } from '../verdict.js'
import { testMails } from './mails.js'

/** Does not affect the answer, so it is not in any key. */
const setting = { ignorePersistence: true } as const

/** Asks the model behind `judgeUrl` about each test mail. Every answer is paid for, so every answer is stored. */
export const judgeVerdicts = defineTask({
  inputs: { testMails },
  params: {
    model: param(t.string, { default: 'small' }),
    prompt: param(t.string, { default: 'Is this mail spam?' }),
    letters: param(t.number, { default: 1500 }),
    judgeUrl: param(t.string, { default: 'http://127.0.0.1:8123', ...setting }),
    requestsPerMinute: param(t.number, { default: 6000, ...setting }),
    attempts: param(t.number, { default: 5, ...setting }),
    maxCost: param(t.number, { default: 10, ...setting }),
  },
  data: rows(Verdict),
}).run(async ({ testMails, model, prompt, letters, ...settings }, { mapItems }) => {
  const questions = testMails.map(({ subject, text }) => `${prompt}\n\n${subject}\n${text.slice(0, letters)}`)
  const answers = await mapItems(questions, askJudge(settings.judgeUrl, model), {
    params: { model }, // everything else an answer depends on is in the question
    duplicates: 'share', // mails that start with the same text
    concurrency: 16,
    rateLimit: { requests: settings.requestsPerMinute },
    retry: { attempts: settings.attempts, delay: 100, when: mayPass },
    timeout: 10_000,
    accept: ({ finish }) => finish === 'stop' || `finish was ${finish}`,
    maxCost: settings.maxCost,
  })
  return testMails.map(({ id }, at) => ({ id, spam: answers[at]?.spam === true }))
})
