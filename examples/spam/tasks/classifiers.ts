import * as t from 'io-ts'
import { defineTask, defineTemplate, derive, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { logisticRegression, naiveBayes } from '../learners/learners.js'
import { wordsOf } from '../learners/words.js'
import type { Mail } from '../mail/mail.js'
import { Verdict } from '../verdict.js'
import { testMails, trainMails } from './mails.js'

/** The words that occur in enough mails to learn from, each with its number. */
export const vocabulary = defineTask({
  inputs: { trainMails },
  params: { inAtLeast: param(t.number, { default: 5 }) },
  data: t.array(t.string),
}).run(({ trainMails, inAtLeast }) => {
  const counts = new Map<string, number>()
  for (const { subject, text } of trainMails)
    for (const word of wordsOf(subject, text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Array.from(counts).flatMap(([word, count]) => (count >= inAtLeast ? [word] : []))
})

/** Learns from the training mails, and classifies each test mail. */
const classifier = defineTemplate({
  inputs: { vocabulary, trainMails, testMails },
  data: rows(Verdict),
  helpers: { learner: naiveBayes },
}).run(({ vocabulary, trainMails, testMails }, { helpers }) => {
  const numbers = new Map(vocabulary.map((word, at) => [word, at]))
  const documentOf = ({ spam, subject, text }: Mail) => ({
    spam,
    words: Array.from(wordsOf(subject, text)).flatMap((word) => numbers.get(word) ?? []),
  })
  const score = helpers.learner(trainMails.map(documentOf), vocabulary.length)
  return testMails.map((mail) => ({ id: mail.id, spam: score(documentOf(mail).words) > 0 }))
})

export const bayesVerdicts = derive(classifier, { helpers: { learner: naiveBayes } })
export const regressionVerdicts = derive(classifier, { helpers: { learner: logisticRegression } })
