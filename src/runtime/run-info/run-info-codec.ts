import * as t from 'io-ts'
import type { Encoded } from '../../declare/types.js'
import { lenientRecord, number, orElse, orNull, reading, text, textOf } from './lenient-codec.js'
import type { InputInfo, RunInfo } from './run-info-types.js'
import { isList, isRecord } from '../../base/records.js'

/**
 * Version of the run infos that this library version writes. A later one may add fields, but does not change the
 * meaning of existing ones.
 */
export const runInfoSchema = 1

type Whole = Readonly<Record<string, Encoded>>

/** Records of anything, unchecked: YAML values are encoded data, and their readers check the contents. */
const isWhole = (value: unknown): value is Whole => isRecord(value)
const areWhole = (value: unknown): value is Readonly<Record<string, Whole>> =>
  isRecord(value) && Object.values(value).every(isRecord)

const anything = reading('a record', (value) => (isWhole(value) ? value : undefined))
const records = reading('records by key', (value) => (areWhole(value) ? value : undefined))
const list = reading('a list', (value) => (isList(value) ? value : undefined))

const orEmpty = orElse(text, '')

const noRecord: Readonly<Record<string, Encoded>> = {}

/** One input; the original wrote `name: key`. */
const inputOf = (role: string, input: unknown): InputInfo | Readonly<Record<string, InputInfo>> => {
  if (!isRecord(input)) return { task: role, key: textOf(input) ?? '' }
  const { task, key } = input
  if (typeof task === 'string' && typeof key === 'string') return { task, key, ...contentIn(input) }
  return Object.fromEntries(
    Object.entries(input).map(([name, one]) => {
      const fields = isRecord(one) ? one : {}
      const known = { task: textOf(fields['task']) ?? '', key: textOf(fields['key']) ?? '' }
      return [name, { ...known, ...contentIn(fields) }]
    }),
  )
}

const contentIn = ({
  digest,
  identity,
}: Readonly<Record<string, unknown>>): Pick<InputInfo, 'digest' | 'identity'> => ({
  ...(isDigest(digest) ? { digest } : {}),
  ...(isDigest(identity) ? { identity } : {}),
})

const isDigest = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

const digest = reading('a digest', (value): string | undefined => (isDigest(value) ? value : undefined))

/** Entries without a digest are ignored. */
const alsoRead = reading('digests by key', (value): NonNullable<RunInfo['also_read']> | undefined =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, one]) =>
          isRecord(one) && isDigest(one['digest'])
            ? [[key, { task: textOf(one['task']) ?? '', digest: one['digest'] }]]
            : [],
        ),
      )
    : undefined,
)

const inputs = reading('inputs by role', (value): RunInfo['input_tasks'] =>
  Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([role, input]) => [role, inputOf(role, input)])),
)

const data = lenientRecord(
  'data',
  { format: orEmpty, extension: orNull(text), size: number, checksum: text },
  {
    content: text,
    digest,
    beside: reading('extensions', (value): readonly string[] | undefined =>
      Array.isArray(value) ? value.flatMap((extension) => textOf(extension) ?? []) : undefined,
    ),
    views: text,
  },
)

/** The origin of adopted data; ignored if incomplete. */
const adopted = reading('whose data it is', (value): RunInfo['adopted'] =>
  isRecord(value) && typeof value['key'] === 'string' && isDigest(value['digest'])
    ? {
        key: value['key'],
        digest: value['digest'],
        at: textOf(value['at']) ?? '',
        ...(typeof value['formerly'] === 'string' ? { formerly: value['formerly'] } : {}),
      }
    : undefined,
)

const task = lenientRecord('task', { name: text, module: orNull(text) }, { version: t.union([t.string, t.number]) })

/**
 * A run info as it is read: of this version, of an older or newer one, or of the original. Invalid without the name of
 * its task.
 */
export const runInfoCodec: t.Type<RunInfo> = lenientRecord(
  'run info',
  {
    schema: orElse(number, runInfoSchema),
    task,
    config: lenientRecord('config', { name: orEmpty, namespace: orNull(text), context: orNull(text) }, {}),
    input_tasks: inputs,
    parameters: orElse(anything, noRecord),
    log: orElse(list, []),
    started: orEmpty,
    ended: orEmpty,
    time: orElse(number, 0),
    user: lenientRecord('user', { name: orEmpty }, {}),
    host: orEmpty,
    key: orEmpty,
    key_pre_image: orElse(anything, noRecord),
    versions: lenientRecord('versions', { taskchain: orEmpty, node: orEmpty }, {}),
    code_fingerprint: orNull(text),
    data: orNull(data),
    peak_memory: orElse(number, 0),
    attempts: orElse(number, 1),
  },
  { also_read: alsoRead, in_memory_inputs: records, code_lineage: text, identity: digest, adopted },
)
