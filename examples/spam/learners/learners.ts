import { chance } from '../random.js'

/** A mail as the numbers of its words. */
export interface Document {
  readonly spam: boolean
  readonly words: readonly number[]
}

/** The log-odds that a mail is spam. */
export type Score = (words: readonly number[]) => number

/** Learns from documents over a vocabulary of the given size. */
export type Learner = (documents: readonly Document[], vocabulary: number) => Score

/** Each word counts independently: how much more often it occurs in spam than elsewhere. */
export const naiveBayes: Learner = (documents, vocabulary) => {
  const inSpam = new Float64Array(vocabulary).fill(1)
  const inHam = new Float64Array(vocabulary).fill(1)
  for (const { spam, words } of documents) for (const word of words) (spam ? inSpam : inHam)[word]! += 1
  const spam = documents.filter((document) => document.spam).length + 1
  const ham = documents.length + 2 - spam
  const weights = inSpam.map((count, word) => Math.log(count / (spam + 1) / (inHam[word]! / (ham + 1))))
  return (words) => words.reduce((sum, word) => sum + weights[word]!, Math.log(spam / ham))
}

/** Logistic regression by stochastic gradient descent, with a separate learning rate per weight (AdaGrad). */
export const logisticRegression: Learner = (documents, vocabulary) => {
  const weights = new Float64Array(vocabulary + 1) // the last one is a bias, present in every mail
  const paces = new Float64Array(vocabulary + 1).fill(1)
  const score: Score = (words) => words.reduce((sum, word) => sum + weights[word]!, weights[vocabulary]!)
  const order = documents.map((_, at) => at).toSorted((one, other) => chance('order', one) - chance('order', other))
  for (let round = 0; round < 8; round++)
    for (const at of order) {
      const { spam, words } = documents[at]!
      const error = (spam ? 1 : 0) - 1 / (1 + Math.exp(-score(words)))
      for (const word of [...words, vocabulary]) {
        const gradient = error - 1e-4 * weights[word]!
        paces[word]! += gradient ** 2
        weights[word]! += (0.5 * gradient) / Math.sqrt(paces[word]!)
      }
    }
  return score
}
