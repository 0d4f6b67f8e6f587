import { isList, isRecord, jsonIn } from '../../base/records.js'
import type { LiveItems, RunEventLine, Trouble } from '../contract.js'

/** Lines of `taskchain run --json` as the page gets them: only the fields it needs, validated and bounded. */

const names: ReadonlySet<string> = new Set<RunEventLine['event']>([
  'planned',
  'waiting',
  'started',
  'progress',
  'retrying',
  'computed',
  'adopted',
  'loaded',
  'drifted',
  'stale',
  'missed',
  'rebuilt',
  'released',
  'evicted',
  'skipped',
  'unfinished',
  'failed',
])

const texts = ['node', 'key', 'holder', 'reason', 'problem'] as const
const numbers = ['attempt', 'done', 'total', 'seconds', 'cached'] as const
const lists = ['because', 'toRun'] as const
const longest = 2000

/** Undefined for invalid lines: torn, of a later version, or the end event, which the record replaces. */
export const eventLine = (line: string): RunEventLine | undefined => {
  const value = jsonIn(line)
  if (!isRecord(value) || typeof value['event'] !== 'string' || !names.has(value['event'])) return undefined
  const event = value['event'] as RunEventLine['event'] // one of the names
  const fields: Record<string, unknown> = {}
  for (const name of texts) {
    const text = value[name]
    if (typeof text === 'string') fields[name] = text.slice(0, longest)
  }
  for (const name of numbers) {
    const number = value[name]
    if (typeof number === 'number') fields[name] = number
  }
  for (const name of lists) {
    const list = value[name]
    if (isList(list)) fields[name] = list.filter((one) => typeof one === 'string').slice(0, 20_000)
  }
  const error = troubleIn(value['error'])
  const items = itemsIn(value['items'])
  return {
    event,
    at: typeof value['at'] === 'number' ? value['at'] : 0,
    ...fields,
    ...(items === undefined ? {} : { items }),
    ...(error === undefined ? {} : { error }),
  }
}

const itemsIn = (value: unknown): LiveItems | undefined => {
  if (!isRecord(value)) return undefined
  const numberIn = (name: string): number | null => (typeof value[name] === 'number' ? value[name] : null)
  const known = isRecord(value['expected']) ? amountsIn(value['expected']) : null
  return {
    failed: numberIn('failed') ?? 0,
    refused: numberIn('refused') ?? 0,
    attempts: numberIn('attempts') ?? 0,
    toDo: numberIn('toDo'),
    perSecond: numberIn('perSecond'),
    secondsLeft: numberIn('secondsLeft'),
    usage: amountsIn(value['usage']),
    expected: known,
  }
}

const maxUnits = 10
const amountsIn = (value: unknown): LiveItems['usage'] =>
  Object.fromEntries(
    (isRecord(value) ? Object.entries(value) : [])
      .flatMap(([unit, amount]) => (typeof amount === 'number' ? [[unit.slice(0, 100), amount] as const] : []))
      .slice(0, maxUnits),
  )

/** An error in the form of `--json`. */
export const troubleIn = (value: unknown): Trouble | undefined =>
  isRecord(value) && typeof value['message'] === 'string'
    ? {
        tag: typeof value['code'] === 'string' ? value['code'] : 'Error',
        message: value['message'].slice(0, 20_000),
        ...(typeof value['hint'] === 'string' ? { hint: value['hint'].slice(0, longest) } : {}),
      }
    : undefined

/** Drops progress events that a later event of the same node supersedes, and counts them. */
export const newest = (
  events: readonly RunEventLine[],
): { readonly events: readonly RunEventLine[]; readonly dropped: number } => {
  const last = new Map<string, RunEventLine>()
  for (const one of events) if (one.event === 'progress' && one.node !== undefined) last.set(one.node, one)
  const kept = events.filter(
    (one) => one.event !== 'progress' || (one.node !== undefined && last.get(one.node) === one),
  )
  return { events: kept, dropped: events.length - kept.length }
}

/** Lines of a run are never longer; longer text comes from something else and is dropped. */
const longestLine = 4 * 1024 * 1024

/** Splits incoming text, after the unfinished `before`, into whole lines and the start of the next one. */
export const linesIn = (text: string, before = ''): { readonly lines: readonly string[]; readonly rest: string } => {
  const [first = '', ...others] = text.split('\n') // splits only the new text, since a line may arrive in many pieces
  const lines = [before + first, ...others]
  const rest = lines.pop() ?? ''
  return { lines: lines.filter((line) => line !== ''), rest: rest.length > longestLine ? '' : rest }
}
