import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { firstProblem } from '../declare/codec/codec.js'
import { guarded } from '../declare/codec/guarded.js'
import { fieldOf } from '../base/records.js'
import type { RunError } from '../errors.js'
import type { Plan } from '../plan/plan-types.js'
import type { RunEventBody } from '../runtime/ports/events.js'
import type { ItemsProgress } from '../runtime/ports/items.js'
import type { NodeOutcome } from '../runtime/ports/node-job.js'
import type { Dying, FromThread, NodeTask, ToThread } from './messages.js'

/**
 * Messages between a pool and its threads are validated exactly before they are used: a task shares its thread with
 * their sender.
 */

type Tagged = { readonly _tag: string }
type Fields<Message extends Tagged> = { readonly [Name in Exclude<keyof Message, '_tag'>]-?: t.Mixed }
type Table<Message extends Tagged> = {
  readonly [Tag in Message['_tag']]: Fields<Extract<Message, { readonly _tag: Tag }>>
}

/** A union by tag; the compiler checks that every field of every tag has a codec. */
const tagged = <Message extends Tagged>(name: string, table: Table<Message>): t.Type<Message, Message> => {
  const byTag = new Map(
    Object.entries<t.Props>(table as never).map(([tag, fields]) => {
      const codec = t.exact(t.type({ _tag: t.literal(tag), ...fields }, `${name} ${tag}`))
      return [tag, { codec, isPlain: plainFields({ ...fields, _tag: t.string }) }]
    }),
  ) // a table consists of its entries
  const knownOf = (value: unknown) => byTag.get(String(fieldOf(value, '_tag')))
  const isPlain = (value: unknown): value is Message => knownOf(value)?.isPlain(value) === true
  const validate = (value: unknown, context: t.Context): t.Validation<Message> => {
    if (isPlain(value)) return t.success(value)
    const known = knownOf(value)
    return known === undefined
      ? t.failure(value, context, `no ${name} that is known`)
      : (known.codec.validate(value, context) as t.Validation<never>) // as the table declares for the tag
  }
  const type = new t.Type<Message, Message>(
    name,
    (value): value is Message => E.isRight(validate(value, [])),
    validate,
    t.identity,
  )
  plainTests.set(type, isPlain)
  return type
}

/** Tests of values that a codec takes as they are, without a copy, which costs more than the rest of a message. */
const plainTests = new WeakMap<t.Mixed, (value: unknown) => boolean>([
  [t.string, t.string.is],
  [t.number, t.number.is],
  [t.boolean, t.boolean.is],
])

/** Tests whether a record has exactly these fields, or fewer if they are optional. */
const plainFields = (fields: t.Props): ((value: unknown) => boolean) => {
  const tests = new Map(Object.entries(fields).map(([name, codec]) => [name, plainTests.get(codec)]))
  const needed = Object.keys(fields).filter((name) => !optional.has(fields[name] ?? t.unknown))
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    for (const name of Object.keys(value)) if (tests.get(name)?.(fieldOf(value, name)) !== true) return false
    for (const name of needed) if (!Object.hasOwn(value, name)) return false
    return true
  }
}

const record = <Named extends t.Props>(fields: Named, name: string) => {
  const codec = t.exact(t.type(fields, name))
  plainTests.set(codec, plainFields(fields))
  return codec
}
const oneOf = <Keys extends Record<string, null>>(keys: Keys) => {
  const codec = t.keyof(keys)
  plainTests.set(codec, codec.is)
  return codec
}

const optional = new WeakSet<t.Mixed>()
const maybe = <Codec extends t.Mixed>(codec: Codec) => {
  const type = t.union([codec, t.undefined])
  const test = plainTests.get(codec)
  optional.add(type)
  if (test !== undefined) plainTests.set(type, (value) => value === undefined || test(value))
  return type
}
const texts = t.array(t.string)
const node = { node: t.string, key: t.string }
const address = t.exact(t.type({ folder: t.string, key: t.string, extension: t.union([t.string, t.null]) }, 'Address'))
const place = t.exact(t.type({ origin: t.string, line: t.number, column: t.number }, 'Place'))

const runError = tagged<RunError>('RunError', {
  TaskFailed: { node: t.string, attempts: t.number, cause: t.unknown, log: maybe(t.string) },
  StillRunning: { node: t.string, attempts: t.number, log: maybe(t.string) },
  TimedOut: { node: t.string, milliseconds: t.number, attempts: t.number, log: maybe(t.string) },
  WrongResult: { node: t.string, path: t.string, problem: t.string, hint: maybe(t.string) },
  WrongInput: { node: t.string, role: t.string, from: t.string, problem: t.string },
  InputChanged: { node: t.string, role: t.string, from: t.string },
  FileChanged: { node: t.string, path: t.string, problem: t.string },
  SecretNotSet: {
    node: t.string,
    param: t.string,
    variable: t.string,
    empty: t.boolean,
    place: maybe(place),
    near: texts,
  },
  ObjectNotMade: { node: t.string, param: t.string, problem: t.string },
  NotComputed: { node: t.string, problem: t.string },
  ArtifactUnreadable: { node: t.string, path: t.string, cause: t.unknown },
  ArtifactNotSaved: { node: t.string, path: t.string, cause: t.unknown },
  StoreUnusable: { location: t.string, cause: t.unknown },
  UnfinishedInput: { node: t.string, because: texts, reason: t.string },
  Stopped: { node: t.string, reason: t.string },
  NotInChain: { name: t.string, near: texts },
  AmbiguousName: { name: t.string, matches: texts },
  NotInPlanProject: { node: t.string },
})

/** Progress events of a node that is computed elsewhere (`performNode` handles the others itself). */
type Crossing = Extract<
  RunEventBody,
  { readonly _tag: 'waiting' | 'started' | 'progress' | 'retrying' | 'computed' | 'loaded' | 'missed' }
>

const amounts = t.record(t.string, t.number)
const unknownYet = t.union([t.number, t.null])
const itemsProgress: t.Type<ItemsProgress, unknown> = t.exact(
  t.type(
    {
      name: t.string,
      kept: t.number,
      computed: t.number,
      failed: t.number,
      refused: t.number,
      attempts: t.number,
      toDo: unknownYet,
      perSecond: unknownYet,
      secondsLeft: unknownYet,
      usage: amounts,
      expected: t.union([amounts, t.null]),
    },
    'ItemsProgress',
  ),
)

const event = tagged<Crossing>('event', {
  waiting: {
    ...node,
    holder: t.string,
    unserved: maybe(t.boolean),
    process: maybe(t.type({ pid: t.number, host: t.string })),
    run: maybe(t.string),
    since: maybe(t.number),
  },
  started: { ...node, attempt: t.number },
  progress: { ...node, done: t.number, total: maybe(t.number), items: maybe(itemsProgress) },
  retrying: { ...node, attempt: t.number, delay: t.number, problem: t.string },
  computed: { ...node, seconds: t.number, size: maybe(t.number), path: maybe(t.string) },
  loaded: { ...node, seconds: t.number },
  missed: { ...node, reason: t.string },
})

const line = t.exact(
  t.type(
    {
      level: t.keyof({ debug: null, info: null, warn: null, error: null }),
      message: t.string,
      details: t.unknown,
      node: t.string,
      fileOnly: maybe(t.boolean),
    },
    'LogLine',
  ),
)

const dying = tagged<Dying>('Dying', {
  exit: { code: t.string, stack: maybe(t.string) },
  rejection: { problem: t.unknown },
  exception: { problem: t.unknown },
}) // two tags with the same fields
const outcome = tagged<NodeOutcome>('NodeOutcome', {
  kept: { digest: maybe(t.string) },
  failed: { error: runError },
  unfinished: { reason: t.string },
  stopped: {},
})

const fromThread = tagged<FromThread>('message', {
  PlanWanted: {},
  Event: { event },
  Log: { line },
  LeaseWanted: { id: t.number, address },
  LeaseReleased: { id: t.number },
  Dying: { how: dying },
  Ended: { outcome },
})

const isSecrets = (value: unknown): value is Extract<ToThread, { readonly _tag: 'Plan' }>['secrets'] =>
  value instanceof Map &&
  [...value].every(([id, values]) => typeof id === 'string' && typeof values === 'object' && values !== null)
const secrets = guarded('secrets', isSecrets)

/**
 * The sender has created or validated the plan: validating it again in each thread would cost more than small nodes.
 */
const plan = guarded('plan', (value: unknown): value is Plan => Array.isArray(fieldOf(value, 'nodes')))

const toThread = tagged<ToThread>('message', {
  Plan: { plan, secrets },
  Leased: { id: t.number, problem: t.unknown },
  Stop: { reason: t.unknown },
})

const durability = oneOf({ group: null, each: null, none: null })
const heartbeat = t.exact(t.partial({ every: t.number, limit: t.number }))
plainTests.set(heartbeat, plainFields({ every: maybe(t.number), limit: maybe(t.number) }))
const storeOptions = t.exact(t.partial({ durability, heartbeat, host: t.string, holder: t.string }))
plainTests.set(
  storeOptions,
  plainFields({
    durability: maybe(durability),
    heartbeat: maybe(heartbeat),
    host: maybe(t.string),
    holder: maybe(t.string),
  }),
)
const store = record(
  { kind: oneOf({ files: null, objects: null }), root: t.string, options: storeOptions },
  'StoreOpening',
)
const job = record(
  {
    node: t.string,
    key: t.string,
    attempted: t.number,
    store,
    root: t.string,
    noRepair: t.boolean,
    checkMutation: t.boolean,
  },
  'NodeJob',
)
const nodeTask = { project: t.string, planNumber: t.number, job }
const taskMessage = record({ task: record(nodeTask, 'NodeTask') }, 'TaskMessage')

const isPlainTask = (message: unknown): message is { readonly task: NodeTask } =>
  plainTests.get(taskMessage)?.(message) === true

/** Throws for an invalid message, which is an error of its sender. */
const decoded = (codec: t.Mixed, message: unknown): unknown => {
  const outcome = codec.decode(message)
  if (E.isRight(outcome)) return outcome.right
  const { path, expected } = firstProblem(outcome.left) // without the actual value, which may be a secret
  throw new TypeError(
    `what was sent between threads is no message: expected ${expected}${path === '' ? '' : ` at ${path}`}`,
  )
}

// by its codec
export const messageFromThread = (message: unknown): FromThread => decoded(fromThread, message) as FromThread
export const messageToThread = (message: unknown): ToThread => decoded(toThread, message) as ToThread // likewise
/** The node to compute; undefined for any other message. */
export const taskIn = (message: unknown): NodeTask | undefined => {
  if (isPlainTask(message)) return message.task
  const read = taskMessage.decode(message)
  return E.isRight(read) ? read.right.task : undefined
}
