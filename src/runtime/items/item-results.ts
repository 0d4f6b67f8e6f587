import { show } from '../../declare/codec/codec.js'
import type { ItemOutcome } from '../../declare/items.js'
import { messageOf } from '../../base/thrown.js'
import type { ItemLine } from '../ports/items.js'
import type { Tried } from './attempts.js'
import { asJson } from './item-json.js'
import type { AnyOptions, Asked, ItemParts, ItemTotals } from './item-parts.js'
import { addUsage, isExpired, recordIn, type ItemRecord } from './item-record.js'

/** Stored results of items: looked up and added. */

/** The outcome of an item with a usable stored result. */
export const keptOutcome = (parts: ItemParts, totals: ItemTotals, key: string): ItemOutcome<unknown> | undefined => {
  if (parts.options.read === false) return undefined
  const { log } = parts
  const outcome = (line: ItemLine | undefined): ItemOutcome<unknown> | undefined => {
    const record = usable(parts, totals, line)
    if (line === undefined || record === undefined) return undefined
    log.used?.(line)
    totals.kept++
    return { _tag: 'done', value: record.value, kept: true }
  }
  const first = outcome(log.read(key))
  if (first !== undefined || log.others === undefined) return first
  for (const line of log.others(key)) {
    const other = outcome(line)
    if (other !== undefined) return other
  }
  return undefined
}

const usable = (parts: ItemParts, totals: ItemTotals, line: ItemLine | undefined): ItemRecord | undefined => {
  const { options, clock, isOtherCode, onCodeChange, code } = parts
  if (line === undefined || line.kind !== 'kept') return undefined
  const record = recordIn(line.text)
  if (record === undefined || !('value' in record)) return undefined
  if (isExpired(record.made ?? line.at, options.expires, clock.now())) return undefined
  if (onCodeChange === 'ignore' || !isOtherCode(record.code, code)) return record
  if (onCodeChange === 'recompute') return undefined
  totals.otherCode++
  return record
}

/** Stores the outcome of an item. */
export const settled = (
  parts: ItemParts,
  totals: ItemTotals,
  { item, key }: Asked,
  answer: Tried,
  { seconds, usage }: Required<Pick<ItemRecord, 'seconds' | 'usage'>>,
): ItemOutcome<unknown> => {
  const tried = inJson(parts, answer)
  const { attempts } = tried
  const record = { attempts, seconds, usage, code: parts.code, item: shortened(parts, item) }
  if (tried._tag === 'failed') {
    keep(parts, key, 'failed', { ...record, problem: tried.problem })
    totals.failed++
    return { _tag: 'failed', problem: tried.problem, attempts }
  }
  const { value } = tried
  const accepted = verdict(parts.options, value, item)
  if (accepted === true) {
    keep(parts, key, 'kept', { ...record, value })
    totals.computed++
    return { _tag: 'done', value, kept: false }
  }
  const reason = parts.mask(accepted === false ? 'not accepted' : accepted)
  keep(parts, key, 'refused', { ...record, value, reason })
  totals.refused++
  return { _tag: 'refused', value, reason }
}

/** The run stops before an item has a result: records the usage its calls have reported. */
export const stopped = (
  parts: ItemParts,
  { item, key }: Asked,
  { seconds, usage }: Required<Pick<ItemRecord, 'seconds' | 'usage'>>,
  reason: unknown,
): void => {
  if (Object.keys(usage).length === 0) return
  try {
    const problem = parts.mask(`stopped: ${messageOf(reason)}`)
    keep(parts, key, 'failed', { seconds, usage, code: parts.code, item: shortened(parts, item), problem })
  } catch {
    // the run ends with the reason it was stopped for
  }
}

/** An answer that JSON cannot hold would be no better next time, and was paid for: it is a failure. */
const inJson = ({ mask }: ItemParts, tried: Tried): Tried => {
  if (tried._tag === 'failed') return tried
  try {
    return { ...tried, value: asJson(tried.value) }
  } catch (problem) {
    return { _tag: 'failed', problem: mask(messageOf(problem)), attempts: tried.attempts }
  }
}

/** A result that was paid for is stored, even if `accept` throws. */
const verdict = ({ accept }: AnyOptions, value: unknown, item: unknown): boolean | string => {
  try {
    const answer: unknown = accept?.(value, item) ?? true
    if (typeof answer === 'boolean' || typeof answer === 'string') return answer
    if (answer instanceof Promise) answer.catch(() => undefined)
    return `accept must give true, false or a reason, at once, not ${show(answer)}`
  } catch (problem) {
    return `accept threw: ${messageOf(problem)}`
  }
}

const keep = (
  { log, clock, options, mask }: ItemParts,
  key: string,
  kind: ItemLine['kind'],
  record: Omit<ItemRecord, 'schema'>,
): void => {
  if (options.write === false) return
  const usage: Record<string, number> = {}
  for (const [name, amount] of Object.entries(record.usage ?? {})) addUsage(usage, mask(name), amount)
  const seconds = Number((record.seconds ?? 0).toFixed(6)) // the remaining digits of a million items would be megabytes
  const at = clock.now()
  // a log puts it after the line that it replaces, in the future as well if a wrong clock has written that one
  const made = (log.head(key)?.at ?? at) > at ? { made: at } : {}
  log.append({ key, kind, at, text: JSON.stringify({ schema: 1, ...record, usage, seconds, ...made }) })
}

const shortened = ({ mask }: ItemParts, item: unknown): string => {
  const text = mask(textOf(item))
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

/** With `key` an item may be anything: it has been paid for, so that it must be stored whatever it looks like. */
const textOf = (item: unknown): string => {
  if (typeof item === 'string') return item
  try {
    return (
      JSON.stringify(item, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? typeof item
    )
  } catch {
    return 'an item that JSON cannot hold'
  }
}
