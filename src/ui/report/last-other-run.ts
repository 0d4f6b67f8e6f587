import { historyOf } from '../../adapters/history/open-history.js'
import { recordsOf } from '../../adapters/history/run-history.js'
import { compareChains } from '../../inspect/compare-chains.js'
import type { Chain } from '../../runtime/chain/chain-types.js'
import { asStored, compared } from '../answers/compare-answer.js'
import { fingerprintOf } from '../answers/chain-answer.js'
import type { CompareAnswer } from '../contract.js'
import { originIn } from '../reader/origin-in.js'
import type { Reader } from '../reader/reader.js'

/** Limit on records that are searched. */
const maxSought = 500

/**
 * Compares a chain with the latest run of its config that had another plan; undefined if there is none. A run with the
 * same plan would show no change.
 */
export const againstLastRun = async (
  reader: Reader,
  config: string,
  chain: Chain,
): Promise<CompareAnswer | undefined> => {
  const { store, loaded } = reader
  const history = historyOf(store)
  const now = fingerprintOf(chain.plan)
  if (history === undefined) return undefined
  for await (const record of recordsOf(history, maxSought)) {
    if (record.plan === undefined || record.command !== 'run') continue
    if (originIn(loaded.root, loaded.project.configs, record.config) !== config) continue
    const kept = await history.plan(record.plan)
    if (kept?.plan === undefined || fingerprintOf(kept.plan) === now) continue
    return compared(`run ${record.id}`, config, await compareChains(store, asStored(kept.plan), chain))
  }
  return undefined
}
