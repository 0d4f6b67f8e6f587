import type { ItemLine, ItemLog, ItemSet } from '../../ports/items.js'
import type { Store } from '../../ports/store.js'

/** The results and failures of one set of items that were copied. */
export interface TransferredItems extends ItemSet {
  readonly copied: number
  /** In the other store already. */
  readonly there: number
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
): Promise<{ readonly copied: number; readonly there: number }> => {
  let [copied, there, unsynced] = [0, 0, 0]
  for (const line of lines) {
    if (signal?.aborted === true) break
    if (line.kind === 'sum') continue // of one store: the lines that it sums up may exist in the other one
    const isResult = line.kind !== 'asked' && line.kind !== 'batch'
    if (isThere(line)) there += Number(isResult)
    else {
      log.append(line, 'as it is')
      copied += Number(isResult)
      unsynced += line.text.length
    }
    if (unsynced < together) continue
    await log.sync()
    unsynced = 0
  }
  return { copied, there }
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
