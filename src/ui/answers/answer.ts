import * as E from 'fp-ts/lib/Either.js'
import type { Questions } from '../addresses.js'
import { readAction, readQuestion } from '../http/read-question.js'
import type { QuestionName } from '../http/route.js'
import { json, type Answered } from '../reader/answered.js'
import { askAnswer, forceAnswer } from './ask-answer.js'
import { chainAnswer, statesAnswer } from './chain-answer.js'
import { compareAnswer, runsDiffAnswer } from './compare-answer.js'
import { runAnswer, runMetricsAnswer, runsAnswer } from './history-answer.js'
import { logAnswer } from './log-answer.js'
import { metricsAnswer } from './metrics-answer.js'
import { nodeAnswer } from './node-answer.js'
import { pictureAnswer, previewAnswer } from './preview-answer.js'
import { overviewAnswer, projectAnswer } from './project-answer.js'
import type { ReaderAction } from '../reader/messages.js'
import type { Reader } from '../reader/reader.js'
import { refusal, refusalOf } from '../reader/trouble.js'

type Answerers = {
  readonly [Name in Exclude<QuestionName, 'file' | 'project'>]: (
    reader: Reader,
    asked: Questions[Name]['asked'],
  ) => Promise<Questions[Name]['answer']>
}

const answerers: Answerers = {
  overview: overviewAnswer,
  chain: chainAnswer,
  states: statesAnswer,
  node: nodeAnswer,
  preview: previewAnswer,
  log: logAnswer,
  compare: compareAnswer,
  metrics: metricsAnswer,
  runs: runsAnswer,
  run: runAnswer,
  'runs-diff': runsDiffAnswer,
  'runs-metrics': runMetricsAnswer,
}

/** Answers a question given by its query string. Never rejects. */
export const answerQuestion = async (reader: Reader, name: QuestionName, query: string): Promise<Answered> => {
  try {
    if (name === 'file') {
      const asked = readQuestion(name, new URLSearchParams(query))
      if (E.isLeft(asked)) return refused(400, asked.left)
      const { type, bytes } = await pictureAnswer(reader, asked.right)
      return { status: 200, type, body: bytes }
    }
    return name === 'project' ? json(200, await projectAnswer(reader)) : await answered(reader, name, query)
  } catch (cause) {
    const { status, failure } = refusalOf(cause)
    return json(status, failure)
  }
}

const answered = async <Name extends keyof Answerers>(reader: Reader, name: Name, query: string): Promise<Answered> => {
  const asked = readQuestion(name, new URLSearchParams(query))
  return E.isLeft(asked) ? refused(400, asked.left) : json(200, await answerers[name](reader, asked.right))
}

/** Performs an action, or describes what it would do. Never rejects. */
export const answerAction = async (reader: Reader, name: ReaderAction, body: string): Promise<Answered> => {
  try {
    if (name === 'ask') {
      const asked = readAction('ask', body)
      return E.isLeft(asked) ? refused(400, asked.left) : json(200, await askAnswer(reader, asked.right))
    }
    const asked = readAction('force', body)
    return E.isLeft(asked) ? refused(400, asked.left) : json(200, await forceAnswer(reader, asked.right))
  } catch (cause) {
    const { status, failure } = refusalOf(cause)
    return json(status, failure)
  }
}

const refused = (status: 400, problem: string): Answered =>
  json(status, refusal(status, 'BadQuestion', problem).failure)
