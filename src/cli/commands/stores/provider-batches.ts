import { badOption } from '../../../explain.js'
import { recordIn, type ItemRecord, type ProviderRecord } from '../../../runtime/items/item-record.js'
import { beginningOf, cancelRequest, isOpen, termsOf, timeText } from '../../../runtime/items/provider-record.js'
import type { ItemCounts, ItemLine, StoreItems } from '../../../runtime/ports/items.js'
import { print, type Call } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { jsonDocument } from '../../json-output.js'
import { itemSetName } from '../../render/items/item-text.js'
import { oneLine } from '../../render/text-width.js'
import { counted, duration } from '../../render/units.js'

/** A batch that a provider has not ended, as far as the store knows. */
export interface OpenBatch extends ProviderRecord {
  readonly set: ItemCounts
  readonly key: string
  /** Whether a user has requested that it is cancelled. */
  readonly isCancelled: boolean
}

/** The open batches among the lines of a set. */
export const openBatchesIn = (set: ItemCounts, lines: Iterable<ItemLine>): readonly OpenBatch[] => {
  const records: { readonly key: string; readonly record: ItemRecord | undefined }[] = []
  for (const { kind, key, text } of lines) if (kind === 'batch') records.push({ key, record: recordIn(text) })
  const cancelled = new Set(records.map(({ record }) => record?.cancels))
  return records.flatMap(({ key, record }) =>
    record?.batch !== undefined && isOpen(record.batch)
      ? [{ ...record.batch, set, key, isCancelled: cancelled.has(key) }]
      : [],
  )
}

/** Whether a line only requests something: not the state of a batch. */
export const isRequest = ({ kind, text }: ItemLine): boolean =>
  kind === 'batch' && recordIn(text)?.cancels !== undefined

/** Lists the open batches of some sets. */
export const listBatches = async (call: Call, kept: StoreItems, sets: readonly ItemCounts[]) => {
  const open = await openIn(kept, sets)
  if (call.common.json) call.host.out.write(jsonDocument({ batches: open.map(shown) }, 2))
  else print(call, open.length === 0 ? ['no batch is under way'] : open.map(batchLine))
  return exitCodes.done
}

/** Requests that batches are cancelled, by their id or the start of their key. */
export const cancelBatches = async (call: Call, kept: StoreItems, sets: readonly ItemCounts[], id: string) => {
  const all = await openIn(kept, sets)
  const named = all.filter((one) => one.id === id)
  const found = named.length > 0 ? named : all.filter(({ key }) => key.startsWith(id.toLowerCase()))
  if (id === '' || found.length === 0)
    throw badOption('--cancel', `no batch under way has the id ${JSON.stringify(id)}; ${knownIds(all)}`)
  if (found.length > 1)
    throw badOption('--cancel', `${found.length} batches fit: name the task, or more of the key: ${knownIds(found)}`)
  const yes = call.options['yes'] === true
  for (const { set, key } of yes ? found : []) {
    const log = await kept.open(set)
    try {
      log.append(cancelRequest(key, Date.now()))
      await log.sync()
    } finally {
      await log.close()
    }
  }
  const batches = found.map((one) => ({ ...one, isCancelled: one.isCancelled || yes }))
  if (call.common.json) call.host.out.write(jsonDocument({ cancelled: yes, batches: batches.map(shown) }, 2))
  else print(call, [...found.map(batchLine), yes ? requested : 'nothing was cancelled; --yes cancels it'])
  return exitCodes.done
}

const requested =
  'a run that waits for it cancels it within seconds, otherwise the next run does; results that it has by then are kept'

const openIn = async (kept: StoreItems, sets: readonly ItemCounts[]): Promise<readonly OpenBatch[]> => {
  const open: OpenBatch[] = []
  for (const set of sets) for (const one of openBatchesIn(set, await kept.lines(set))) open.push(one)
  return open.toSorted((left, right) => left.submitted - right.submitted)
}

const knownIds = (batches: readonly OpenBatch[]): string =>
  batches.length === 0
    ? 'none is under way'
    : `there are ${batches.slice(0, mostNamed).map(nameToGive).join(', ')}${
        batches.length > mostNamed ? ` and ${batches.length - mostNamed} more` : ''
      }`

const mostNamed = 20

/** What one would type for it: the start of its key where it has no id, or none that one can type. */
const nameToGive = ({ set, id, key }: OpenBatch): string =>
  `${id !== undefined && id === oneLine(beginningOf(id)) ? id : key.slice(0, 8)} of ${itemSetName(set)}`

const batchLine = ({ set, key, ...batch }: OpenBatch): string =>
  oneLine(`${itemSetName(set)}  ${key.slice(0, 8)}  ${batchText(batch, batch.isCancelled)}`)

/** The state of a batch in words. */
export const batchText = (batch: ProviderRecord, isCancelled = false): string => {
  const { id, state, items, submitted, problem } = batch
  const name = id === undefined ? 'without an id: it is not known whether it was submitted' : beginningOf(id)
  const age = isOpen(batch) ? `, ${duration(Math.max(0, Date.now() - submitted) / 1000)} ago` : ''
  const status = [
    beginningOf(problem ?? state, longestProblem),
    ...(isOpen(batch) ? termsOf(batch) : []),
    ...(isCancelled ? [toBeCancelled] : []),
  ]
  return `${name}, ${counted(items, 'item')} of ${timeText(submitted)}${age}: ${status.join(', ')}`
}

/** A page of HTML is no news. */
const longestProblem = 500
const toBeCancelled = 'to be cancelled'

const shownFields = ['id', 'state', 'items', 'done', 'expectedCost', 'expires', 'until'] as const

const shown = ({ set, key, isCancelled, submitted, ...batch }: OpenBatch) => ({
  task: itemSetName(set),
  key,
  ...Object.fromEntries(shownFields.map((name) => [name, batch[name]])),
  submitted: timeText(submitted),
  seconds: Math.max(0, Date.now() - submitted) / 1000,
  toBeCancelled: isCancelled,
})
