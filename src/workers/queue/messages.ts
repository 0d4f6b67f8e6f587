import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { fieldOf } from '../../base/records.js'
import { firstProblem } from '../../declare/codec/codec.js'
import type { NodeOutcome } from '../../runtime/ports/node-job.js'
import { plainData } from '../../runtime/run-info/plain-data.js'
import { errorFromData, errorToData } from '../error-data.js'
import { messageFromThread } from '../message-codecs.js'
import type { FromThread } from '../messages.js'

/** Messages between runs and workers in a queue: external data, validated before it is used. */

const hex = (digits: number, name: string) =>
  t.refinement(t.string, (text) => text.length === digits && /^[0-9a-f]*$/.test(text), name)

const jobData = t.exact(
  t.type(
    {
      schema: t.literal(1),
      /** Version of this library. */
      version: t.string,
      plan: hex(64, 'digest of a plan'),
      node: t.string,
      task: t.string,
      key: hex(32, 'key'),
      /** Fingerprint of the task's code; null if it has none. */
      code: t.union([t.string, t.null]),
      replaces: t.string,
      checkMutation: t.boolean,
    },
    'QueuedNode',
  ),
)
/** A node to compute: names and keys, never code. */
export type QueuedNode = t.TypeOf<typeof jobData>

const result = t.union(
  [
    t.exact(
      t.intersection([t.type({ _tag: t.literal('ended'), outcome: t.unknown }), t.partial({ notices: t.unknown })]),
    ),
    t.exact(t.type({ _tag: t.literal('refused'), because: t.string })),
    t.exact(t.type({ _tag: t.literal('plan wanted') })),
  ],
  'QueueResult',
)

/** The answer of a worker. */
export type QueueResult =
  /** `notices`: events and log lines that were not sent before. */
  | { readonly _tag: 'ended'; readonly outcome: NodeOutcome; readonly notices: readonly Notice[] }
  /** The worker cannot compute it: it has another project, version or code. */
  | { readonly _tag: 'refused'; readonly because: string }
  /** The server has lost the plan. */
  | { readonly _tag: 'plan wanted' }

const decoded = <A>(codec: t.Type<A, unknown>, message: unknown): A => {
  const read = codec.decode(message)
  if (E.isRight(read)) return read.right
  const { path, expected } = firstProblem(read.left)
  throw new TypeError(`the queue has an invalid message: expected ${expected}${path === '' ? '' : ` at ${path}`}`)
}

const fieldsOfJob = Object.keys(jobData.type.props).length

/** Throws a `TypeError` for invalid data. Testing it costs less than decoding it. */
export const queuedNode = (data: unknown): QueuedNode =>
  jobData.is(data) && Object.keys(data).length === fieldsOfJob ? data : decoded(jobData, data)

/** A value that a task has given, as JSON can represent it: large integers as digits, cycles cut, maps as records. */
export const givenToData = <A>(value: A): A => {
  const digits = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? String(part) : part)
  return JSON.parse(JSON.stringify(plainData(errorToData(value)), digits)) as A // only what a task has given differs
}

/** In a form that JSON can represent. */
export const resultToData = (answer: QueueResult): unknown =>
  answer._tag === 'ended' && answer.outcome._tag === 'failed'
    ? { ...answer, outcome: givenToData(answer.outcome) }
    : answer

/** The usual answer, whose parts are tested below: decoding it costs as much as all of them. */
const isEnded = (data: unknown): data is Extract<t.TypeOf<typeof result>, { readonly _tag: 'ended' }> =>
  fieldOf(data, '_tag') === 'ended' && typeof data === 'object' && data !== null && 'outcome' in data

/** Throws a `TypeError` for an invalid answer. */
export const resultFromData = (data: unknown): QueueResult => {
  const parsed: unknown = typeof data === 'string' ? JSON.parse(data) : data
  const answer = isEnded(parsed) ? parsed : decoded(result, parsed)
  if (answer._tag !== 'ended') return answer
  const ended = messageFromThread({ _tag: 'Ended', outcome: answer.outcome })
  if (ended._tag !== 'Ended') throw new TypeError('the queue has an invalid outcome')
  return { _tag: 'ended', outcome: errorFromData(ended.outcome), notices: noticesFromData(answer.notices) }
}

/** Events and log lines of a node in progress: hints, some of which may be missing. */
export type Notice = Extract<FromThread, { readonly _tag: 'Event' | 'Log' }>

export const noticesFromData = (data: unknown): readonly Notice[] =>
  Array.isArray(data)
    ? data.flatMap((one: unknown): readonly Notice[] => {
        try {
          const message = messageFromThread(one)
          if (message._tag === 'Event') return [{ _tag: 'Event', event: errorFromData(message.event) }]
          return message._tag === 'Log' ? [{ _tag: 'Log', line: errorFromData(message.line) }] : []
        } catch {
          return [] // sent by another version
        }
      })
    : []
