import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actions, Questions } from '../addresses.js'
import type { QuestionName } from './route.js'

/** Parses questions and actions from the wire, field by field. Unknown fields are ignored. */

const limited = (name: string, pattern: RegExp): t.Type<string, string> => {
  const is = (value: unknown): value is string => typeof value === 'string' && pattern.test(value)
  return new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), String)
}

const text = limited('a text of at most 4,096 characters', /^[^]{1,4096}$/)
const whole = new t.Type<number, string>(
  'a whole number',
  t.number.is,
  (value, context) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? t.success(Number(value)) : t.failure(value, context),
  String,
)
const one = new t.Type<1, string>(
  '1',
  (value): value is 1 => value === 1,
  (value, context) => (value === '1' ? t.success(1) : t.failure(value, context)),
  String,
)
const texts = t.readonlyArray(text)
const logName = t.union([t.literal('kept'), t.literal('failed'), t.literal('running')])
const picture = t.union([t.literal('svg'), t.literal('png')])

const ofConfig = t.type({ config: text })
const ofNode = t.type({ config: text, node: text })
const two = t.type({ before: text, after: text })
const page = t.partial({ offset: whole, limit: whole })

const questions: { readonly [Name in QuestionName]: t.Type<Questions[Name]['asked'], unknown> } = {
  project: t.type({}),
  overview: t.type({}),
  chain: ofConfig,
  states: ofConfig,
  node: ofNode,
  preview: t.intersection([
    ofNode,
    page,
    t.partial({ columnsFrom: whole, columnsLimit: whole, summary: one, name: text, slice: text, path: text }),
  ]),
  log: t.intersection([ofNode, t.type({ which: logName }), page]),
  file: t.intersection([ofNode, t.partial({ view: picture, path: text })]),
  compare: two,
  metrics: t.intersection([t.partial({ config: texts, set: texts, task: texts, column: texts }), page]),
  runs: t.intersection([page, t.partial({ config: text })]),
  run: t.type({ id: text }),
  'runs-diff': two,
  'runs-metrics': t.intersection([ofConfig, t.partial({ limit: whole })]),
}

/** Fields that may be repeated. */
const lists = ['config', 'set', 'task', 'column']

/** Parses a question from its query; left: what is wrong with it, as a sentence. */
export const readQuestion = <Name extends QuestionName>(
  name: Name,
  asked: URLSearchParams,
): E.Either<string, Questions[Name]['asked']> => {
  const several: readonly string[] = name === 'metrics' ? lists : []
  const given = Object.fromEntries(
    [...new Set(asked.keys())].map((field) => [
      field,
      several.includes(field) ? asked.getAll(field) : asked.getAll(field).at(-1),
    ]),
  )
  return E.mapLeft(problemIn)(questions[name].decode(given))
}

const tasks = texts
const actions: { readonly [Name in keyof Actions]: t.Type<Actions[Name]['asked'], unknown> } = {
  ask: t.type({ action: t.union([t.literal('run'), t.literal('force')]), config: text, tasks }),
  start: t.intersection([t.type({ config: text, tasks }), t.partial({ force: tasks })]),
  force: t.type({ config: text, tasks, delete: t.boolean }),
  abort: t.type({ started: t.number }),
  session: t.type({}),
}

/** Parses an action from its body; left: what is wrong with it, as a sentence. */
export const readAction = <Name extends keyof Actions>(
  name: Name,
  body: string,
): E.Either<string, Actions[Name]['asked']> => {
  try {
    return E.mapLeft(problemIn)(actions[name].decode(JSON.parse(body)))
  } catch {
    return E.left('the body is not JSON')
  }
}

const problemIn = (errors: t.Errors): string => {
  const [first] = errors
  const field = first?.context
    .map(({ key }) => key)
    .filter((key) => key !== '' && !/^\d+$/.test(key))
    .join('.')
  const wanted = first?.context.at(-1)?.type.name ?? 'another value'
  return field === undefined || field === '' ? `expected ${wanted}` : `${field}: expected ${wanted}`
}
