import { badOption } from '../../explain.js'
import { historyOf } from '../../adapters/history/open-history.js'
import type { RunHistory } from '../../adapters/history/run-history.js'
import { openStore } from '../../adapters/open-store.js'
import type { OpenedStore } from '../../adapters/opened-store.js'
import { nonEmpty } from '../../base/present.js'
import { numberOption, operandList, optionalOperand, print, widthOf, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { projectOf } from '../open-chain-of-call.js'
import { storeFor } from '../store-of-call.js'
import { diffOfRuns } from './diff-runs.js'
import { metricsOfRuns } from './metrics-of-runs.js'
import { pruneRuns } from './prune-runs.js'
import { runLines, runsLines } from './render-runs.js'
import { readable, runDocument } from './run-document.js'

/** `runs [list]`, `runs show ID`, `runs diff A B`, `runs metrics METRIC`, `runs pin ID…`, `runs prune`: the history. */
export const runs: Command = async (call) => {
  const action = optionalOperand(call, 'action') ?? 'list'
  const asked = operandList(call, 'id')
  const wanted = counts[action]
  if (wanted === undefined)
    throw badOption(
      `runs ${action}`,
      `there are ${Object.keys(counts).join(', ')}; to see one run: runs show ${action}`,
    )
  if (asked.length < wanted[0] || asked.length > wanted[1])
    throw badOption(`runs ${action}`, `it takes ${wanted[2]}; \`taskchain runs\` lists ids`)
  const store = await storeOf(call)
  const history = historyOf(store)
  if (history === undefined)
    throw badOption('runs', `only stores in folders and buckets keep a history, not ${store.location}`)
  if (action === 'list') return list(call, history)
  if (action === 'prune') return pruneRuns(call, history)
  if (action === 'metrics') return metricsOfRuns(call, store, history, asked)
  const ids = await history.ids()
  const found = nonEmpty(asked.map((one) => idOf(ids, one)))
  if (action === 'pin' || action === 'unpin') return pin(call, history, found, action === 'pin')
  if (action === 'show') return show(call, history, found[0])
  return diffOfRuns(call, store, history, found)
}

/** The minimum and maximum number of ids for each action, and the same in words. */
const counts: Readonly<Record<string, readonly [number, number, string]>> = {
  list: [0, 0, 'no id'],
  show: [1, 1, 'one id'],
  diff: [2, 2, 'two ids'],
  metrics: [1, 2, 'a number of a result, and at most one config'],
  prune: [0, 0, 'no id'],
  pin: [1, Infinity, 'ids'],
  unpin: [1, Infinity, 'ids'],
}

/** A store named by `--store` needs no project. */
const storeOf = async (call: Call): Promise<OpenedStore> =>
  call.common.store === undefined
    ? storeFor(call, await projectOf(call))
    : openStore(call.common.store, call.host.folder)

/** An id in full, by prefix, or `last`, `last~1`, …. */
const idOf = (ids: readonly string[], asked: string): string => {
  const back = /^last(?:~(\d{1,9}))?$/.exec(asked)
  const found = back === null ? ids.filter((id) => id.startsWith(asked)) : ids.slice(Number(back[1] ?? 0)).slice(0, 1)
  const [first, second] = found
  if (first === undefined || asked === '')
    throw badOption(`run ${asked}`, 'no run has this id; `taskchain runs` lists them')
  if (second !== undefined)
    throw badOption(`run ${asked}`, `${found.length} runs match, ${first} and ${second} among them`)
  return first
}

const usualLimit = 20

const list = async (call: Call, history: RunHistory) => {
  const limit = numberOption(call, 'limit') ?? usualLimit
  const [ids, pins] = [await history.ids(), await history.pins()]
  const shown = ids.slice(0, limit)
  const records = await history.readAll(shown)
  const read = shown.map((id, index) => ({ id, record: records[index], pinned: pins.has(id) }))
  if (call.common.json)
    call.host.out.write(
      jsonDocument(
        {
          count: ids.length,
          runs: read.flatMap(({ record, pinned }) => (record === undefined ? [] : [runDocument(record, pinned)])),
          unreadable: read.flatMap(({ id, record }) => (record === undefined ? [id] : [])),
        },
        2,
      ),
    )
  else print(call, runsLines(read, ids.length, call.paint.out, widthOf(call)))
  return exitCodes.done
}

const show = async (call: Call, history: RunHistory, id: string) => {
  const record = await readable(history, id)
  const pinned = (await history.pins()).has(id)
  if (call.common.json) call.host.out.write(jsonDocument(runDocument(record, pinned), 2))
  else print(call, runLines(record, pinned, call.paint.out))
  return exitCodes.done
}

const pin = async (call: Call, history: RunHistory, ids: readonly string[], pinned: boolean) => {
  for (const id of ids) await history.pin(id, pinned)
  if (call.common.json) call.host.out.write(jsonDocument({ [pinned ? 'pinned' : 'unpinned']: ids }, 2))
  else
    print(
      call,
      ids.map((id) => `${id} ${pinned ? 'is pinned: gc keeps what it reached' : 'is not pinned'}`),
    )
  return exitCodes.done
}
