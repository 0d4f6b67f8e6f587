import { allOf } from '../object-store/all-of.js'
import type { RunHistory } from './run-history.js'

/**
 * Deletes runs, then the plans that none of the others names. A run that begins keeps its plan, writes its record, and
 * looks whether the plan is still there. Here the records are looked at once more after plans are deleted, and what is
 * named by now is put back: one of the two sees the other.
 * Resolves with the names of the plans that are gone.
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

/** So many plans are held in memory until it is sure that nobody names them. */
const atOnce = 100
/** Requests on their way. */
const together = 16

/** Plans that no record names by now; none where a record cannot be read: it may name any of them. */
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
