import type { ItemLine, ItemLog, ItemSet } from '../../ports/items.js'
import type { Store } from '../../ports/store.js'

/** What went of one set of items: results and failures. */
export interface TransferredItems extends ItemSet {
  readonly copied: number
  /** On the other side already. */
  readonly there: number
}

export interface TransferItemsOptions {
  /** Of these tasks only. */
  readonly folders?: readonly string[]
  /** Ends it between two lines; what was copied stays. */
  readonly signal?: AbortSignal
}

/**
 * Adds to the items of one store what another one has of them: results, failures and what is known of batches, line by
 * line. What both have stays as it is, so that an interrupted one goes on where it was.
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
    if (line.kind === 'sum') continue // of a place: the lines it stands for may be there
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

/** Lines that were replaced in a place that adds up what such have cost, and keeps them no more. */
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

/** So many characters are made safe at once. */
const together = 8 * 1024 * 1024

/** No two lines of a key are of one moment and kind. */
const nameOf = ({ key, kind, at }: ItemLine): string => `${key} ${kind} ${at}`
