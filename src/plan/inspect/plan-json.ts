import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type * as t from 'io-ts'
import { isObject, isRecord } from '../../base/records.js'
import { nonEmpty, valueIn } from '../../base/present.js'
import { fullNameOf, isSafeName } from '../../declare/names.js'
import type { PlanError } from '../../errors.js'
import { inputIds } from '../plan-graph.js'
import { keyOf, preImageOf, type InputInKey } from '../key.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { planCodec } from './plan-codec.js'
import { messageOf } from '../../base/thrown.js'

/** Plans as JSON text and back, for queues, files and other processes. Parsed plans are verified, including keys. */

/**
 * A plan as JSON text. Bigints are `{ "$bigint": "12" }`; names that start with `$` get a second one.
 *
 * @example
 * const text = planToJson(planned)
 * E.isRight(planFromJson(text)) // => true
 */
export const planToJson = (plan: Plan): string => JSON.stringify(planCodec.encode(plan))

/**
 * Parses a plan from its JSON text. Left are the errors, as `BadStructure` with the path; never throws.
 * Names must be safe, inputs must precede their readers, and every key must be the hash of its pre-image.
 *
 * @example
 * const again = planFromJson(planToJson(planned))
 * E.isRight(again) && samePlan(again.right, planned) // => true
 */
export const planFromJson = (text: string): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const parsed = E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => messageOf(cause),
  )
  if (E.isLeft(parsed))
    return E.left([{ _tag: 'ConfigUnreadable', origin, place: undefined, reason: `invalid JSON: ${parsed.left}` }])
  if (!isRecord(parsed.right)) return E.left([wrong('/', 'a plan', typeof parsed.right)])
  const decoded = planCodec.decode(parsed.right)
  if (E.isLeft(decoded)) return E.left(structureErrors(decoded.left))
  const errors = nodeErrors(decoded.right.nodes)
  return errors.length > 0 ? E.left(nonEmpty(errors.slice(0, mostErrors))) : E.right(deepFrozen(decoded.right))
}

const origin = 'plan as JSON'
const mostErrors = 20

const wrong = (path: string, expected: string, actual: unknown): PlanError => ({
  _tag: 'BadStructure',
  place: { origin, line: 0, column: 0 },
  key: path,
  expected,
  actual: inWords(actual),
})

const inWords = (value: unknown): string => {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** A plan of another schema may be invalid everywhere, so that only the schema is reported. */
const structureErrors = (errors: t.Errors): NonEmptyArray<PlanError> => {
  const found = errors.map(({ context, value }) =>
    wrong(
      `/${context
        .slice(1)
        .map(({ key }) => key)
        .join('/')}`,
      context.at(-1)?.type.name ?? '',
      value,
    ),
  )
  const ofSchema = found.filter((error) => error._tag === 'BadStructure' && error.key === '/schema')
  return nonEmpty((ofSchema.length > 0 ? ofSchema : found).slice(0, mostErrors))
}

/** Errors of nodes beyond their structure: names, keys, and inputs that do not precede their readers. */
const nodeErrors = (nodes: readonly PlanNode[]): PlanError[] => {
  const errors: PlanError[] = []
  const done = new Map<string, InputInKey>()
  for (const [index, node] of nodes.entries()) {
    const add = (field: string, expected: string, actual: string): void =>
      void errors.push(wrong(`/nodes/${index}/${field}`, expected, actual))
    const { id, task, group, name, namespace, key } = node
    if (![...group.split(':'), name].every(isSafeName))
      add('task', 'names that can be part of a path', `${group}:${name}`)
    if (namespace !== '' && !namespace.split('::').every(isSafeName)) add('namespace', 'a namespace', namespace)
    if (task !== `${group}:${name}`) add('task', `'${group}:${name}'`, task)
    if (id !== fullNameOf(namespace, task)) add('id', `'${fullNameOf(namespace, task)}'`, id)
    const unknown = inputIds(node).find((input) => !done.has(input))
    if (done.has(id)) add('id', 'a full name of its own', id)
    else if (unknown !== undefined) add('inputs', 'only nodes that precede it', unknown)
    else if (keyOf(preImageOf(node, (input) => valueIn(done, input))) !== key)
      add('key', 'the hash of its task, params and inputs', key)
    done.set(id, { task, key })
  }
  return errors
}

/** Skips frozen values: param values are already frozen deeply. */
export const deepFrozen = <A>(value: A): A => {
  if (isObject(value) && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFrozen(part)
    Object.freeze(value)
  }
  return value
}
