import * as t from 'io-ts'
import { readJsonText } from '../../../declare/codec/guarded.js'
import type { ItemLine, ItemLog, ItemSet } from '../../ports/items.js'
import type { Store } from '../../ports/store.js'

/** The results and failures of one set of items that were copied. */
export interface TransferredItems extends ItemSet {
  readonly copied: number
  /** In the other store already. */
  readonly there: number
  /** Not copied: both stores have computed them, with different results, and each keeps its own. */
  readonly different: number
}

export interface TransferItemsOptions {
  /** Only of these tasks. */
  readonly folders?: readonly string[]
  /** Stops it between two lines; copied ones stay. */
  readonly signal?: AbortSignal
}

/**
 * Adds the items of one store to those of another: results, failures and records of batches, line by line. Lines that
 * both have stay unchanged, so that an interrupted transfer resumes where it stopped.
 */
export const transferItems = async (
  source: Pick<Store, 'items'>,
  target: Pick<Store, 'items'>,
  { folders, signal }: TransferItemsOptions = {},
): Promise<readonly TransferredItems[]> => {
  const done: TransferredItems[] = []
  if (source.items === undefined || target.items === undefined) return done
  for (const { folder, name } of await source.items.list()) {
    if (folders?.includes(folder) === false || signal?.aborted === true) continue
    const set = { folder, name }
    const lines = await source.items.lines(set, 'all')
    const there = Array.from(await target.items.lines(set, 'all'))
    const known = new Set(there.map(nameOf))
    const isSummed = summedIn(there)
    const log = await target.items.open(set)
    try {
      done.push({
        ...set,
        ...(await copyLines(lines, (line) => known.has(nameOf(line)) || isSummed(line), log, signal)),
      })
    } finally {
      await log.close()
    }
  }
  return done
}

const copyLines = async (
  lines: Iterable<ItemLine>,
  isThere: (line: ItemLine) => boolean,
  log: ItemLog,
  signal: AbortSignal | undefined,
): Promise<Pick<TransferredItems, 'copied' | 'there' | 'different'>> => {
  let [copied, there, different, unsynced] = [0, 0, 0, 0]
  const seen: SeenLines = { shared: new Set(), gone: new Map() }
  const conflicts: ItemLine[] = []
  const copy = (line: ItemLine): void => {
    log.append(line, 'as it is')
    copied += Number(isResult(line))
    unsynced += line.text.length
  }
  for (const line of lines) {
    if (signal?.aborted === true) break
    if (line.kind === 'sum') continue // of one store: the lines that it sums up may exist in the other one
    if (line.kind === 'gone') seen.gone.set(line.key, Math.max(line.at, seen.gone.get(line.key) ?? 0))
    if (isThere(line)) {
      there += Number(isResult(line))
      if (line.kind === 'kept') seen.shared.add(line.key)
    } else if (hasOther(log, line)) conflicts.push(line)
    else copy(line)
    if (unsynced < together) continue
    await log.sync()
    unsynced = 0
  }
  for (const line of conflicts)
    if (signal?.aborted !== true && !isNewer(log, line, seen)) different++
    else if (signal?.aborted !== true) copy(line)
  return { copied, there, different }
}

const isResult = ({ kind }: ItemLine): boolean => kind !== 'asked' && kind !== 'batch'

/** What a source has of keys whose results differ. */
interface SeenLines {
  /** Keys of results that both have. */
  readonly shared: Set<string>
  /** When the results of keys were forgotten. */
  readonly gone: Map<string, number>
}

/** Whether the other store has another result for a key. */
const hasOther = (log: ItemLog, { key, kind, text }: ItemLine): boolean => {
  if (kind !== 'kept' || log.head(key)?.kind !== 'kept') return false
  const other = log.read(key)
  return other?.kind === 'kept' && valueText(other.text) !== valueText(text)
}

/** What is compared of a stored result. */
const Result = t.partial({ value: t.unknown, code: t.unknown })

const valueText = (text: string): string | undefined => JSON.stringify(readJsonText(Result, text)?.value)

/**
 * Whether a result replaced the one that the other store has: it was forgotten and computed again, or by other code.
 * Otherwise both were computed independently of each other.
 */
const isNewer = (log: ItemLog, { key, text }: ItemLine, { shared, gone }: SeenLines): boolean => {
  const other = log.read(key)
  if (other?.kind !== 'kept' || shared.has(key) || (gone.get(key) ?? 0) > other.at) return true
  return readJsonText(Result, other.text)?.code !== readJsonText(Result, text)?.code
}

const decides = (kind: ItemLine['kind']): boolean => kind === 'kept' || kind === 'gone'

/** Recognizes replaced lines in a store that keeps only the sum of their costs. */
const summedIn = (there: readonly ItemLine[]): ((line: ItemLine) => boolean) => {
  if (!there.some(({ kind }) => kind === 'sum')) return () => false
  const best = new Map<string, ItemLine>()
  for (const line of there) if (!best.has(line.key)) best.set(line.key, line) // the one that counts comes first
  return ({ key, kind, at }) => {
    const one = best.get(key)
    if (one === undefined || kind === 'batch' || kind === 'asked') return false
    return decides(one.kind) === decides(kind) ? at <= one.at : decides(one.kind)
  }
}

/** How many characters are synced together. */
const together = 8 * 1024 * 1024

/** No two lines of a key have the same time and kind. */
const nameOf = ({ key, kind, at }: ItemLine): string => `${key} ${kind} ${at}`
