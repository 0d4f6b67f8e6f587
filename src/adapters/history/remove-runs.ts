import { allOf } from '../object-store/all-of.js'
import type { RunHistory } from './run-history.js'

/**
 * Deletes runs, then the plans that no remaining run names. A run that starts stores its plan, writes its record, and
 * checks that the plan still exists. Here the records are checked again after plans are deleted, and plans named by now
 * are restored: one of the two sees the other.
 * Resolves with the names of the deleted plans.
 */
export const removeRuns = async (history: RunHistory, ids: readonly string[]): Promise<readonly string[]> => {
  await allOf(ids, together, history.remove)
  const named = namedPlans(history)
  const unnamed = await named.without(await history.planNames())
  const gone: string[] = []
  for (let start = 0; start < unnamed.length; start += atOnce) {
    const batch = unnamed.slice(start, start + atOnce)
    const bytes = await Promise.all(batch.map(history.planBytes))
    await allOf(batch, together, history.removePlan)
    const still = new Set(await named.without(batch))
    for (const [index, name] of batch.entries()) {
      const kept = bytes[index]
      if (still.has(name)) gone.push(name)
      else if (kept !== undefined) await history.keepPlan({ name, bytes: () => kept })
    }
  }
  return gone
}

/** Number of plans held in memory until it is certain that no record names them. */
const atOnce = 100
/** Number of concurrent requests. */
const together = 16

/** Plans that no record currently names; none if a record cannot be read, since it may name any of them. */
const namedPlans = (history: RunHistory) => {
  const plans = new Map<string, string | undefined>()
  return {
    without: async (names: readonly string[]): Promise<readonly string[]> => {
      const fresh = (await history.ids()).filter((id) => !plans.has(id))
      const records = await history.readAll(fresh)
      for (const record of records) if (record !== undefined) plans.set(record.id, record.plan)
      const named = new Set(plans.values())
      return records.includes(undefined) ? [] : names.filter((name) => !named.has(name))
    },
  }
}
