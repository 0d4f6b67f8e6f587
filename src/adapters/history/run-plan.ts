import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { readJsonText, textLike } from '../../declare/codec/guarded.js'
import { planFromJson, planToJson } from '../../plan/inspect/plan-json.js'
import { wholePlan } from '../../plan/plan-graph.js'
import type { Plan, RunPlan } from '../../plan/plan-types.js'

/** The plan of a run: runs of equal plans share one file, named by the hash of its text. */
export interface StoredPlan {
  /** Keys of all nodes. */
  readonly keys: readonly string[]
  /** A sweep has many plans, of which only the keys are stored. */
  readonly plan: Plan | undefined
}

const Written = t.intersection([
  t.type({ schema: t.literal(1), keys: t.readonlyArray(textLike('a key', /^[0-9a-f]{32}$/)) }),
  t.partial({ plan: t.unknown }),
])

/** No plan is larger than this as text; a larger file was not written here. */
const maxBytes = 512 * 1024 * 1024

/** The name of a plan's file, and the bytes in it. */
export interface WrittenPlan {
  readonly name: string
  readonly bytes: () => Uint8Array
}

/** The plan of a run in stored form. */
export const writtenPlan = (plan: RunPlan): WrittenPlan =>
  writtenKeys(
    plan.nodes.map(({ key }) => key),
    `,"plan":${planToJson(wholePlan(plan))}`,
  )

/** The keys of a run alone. */
export const writtenKeys = (keys: readonly string[], plan = ''): WrittenPlan => {
  let text = `{"schema":1,"keys":${JSON.stringify(keys)}${plan}}`
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32)
  let packed: Uint8Array | undefined
  const pack = (): Uint8Array => {
    const bytes = gzipSync(text, { level: 3 })
    text = '' // a large plan has megabytes, and is kept as long as its chain
    return bytes
  }
  return { name, bytes: () => (packed ??= pack()) }
}

/** Parses the file of a plan; undefined if it is not a plan, or does not match the hash in its name. */
export const planIn = (name: string, bytes: Uint8Array): StoredPlan | undefined => {
  const text = unpacked(bytes)
  if (text === undefined || createHash('sha256').update(text).digest('hex').slice(0, 32) !== name) return undefined
  const read = readJsonText(Written, text)
  if (read === undefined) return undefined
  const plan = read.plan === undefined ? undefined : planFromJson(JSON.stringify(read.plan))
  return { keys: read.keys, plan: plan === undefined || E.isLeft(plan) ? undefined : plan.right }
}

const unpacked = (bytes: Uint8Array): string | undefined => {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes }).toString('utf8')
  } catch {
    return undefined
  }
}
