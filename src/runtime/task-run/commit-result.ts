import { formatOf } from '../../declare/json/json.js'
import type { RunError } from '../../errors.js'
import { readable } from '../../explain/readable.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { factsOf } from '../run-info/artifact-facts.js'
import { emitRunInfo } from '../run-info/run-info.js'
import type { ComputedEnd } from './attempt-end.js'
import { notSaved } from './node-failures.js'
import { runInfoOf, type RunFacts } from './run-record.js'
import type { Work } from './work.js'

export type Committed =
  | { readonly _tag: 'committed'; readonly path: string | undefined; readonly value: unknown }
  | { readonly _tag: 'refused'; readonly error: RunError }

/** Publishes what was staged, with its run info. `hasLog`: a log was written, which the run info explains. */
export const commitResult = async (
  work: Work,
  computed: ComputedEnd,
  facts: RunFacts,
  hasLog: boolean,
): Promise<Committed> => {
  const { session, node, task } = work
  const { staging, reading, value } = computed
  try {
    if (staging === undefined) {
      if (facts.notes.length > 0 || hasLog) {
        const info = runInfoOf(work, facts, undefined)
        const recorded = await session.store.stage(addressOf(node), 'nothing')
        await recorded.commit(emitRunInfo(info), factsOf(info))
      }
      return { _tag: 'committed', path: undefined, value }
    }
    const info = runInfoOf(work, facts, computed.saved)
    const text = emitRunInfo(info)
    const path = await staging.commit(text, factsOf(info))
    reading?.begin(text)
    const { persistence } = formatOf(task.declaration.data)
    const isFolder = persistence.storage === 'folder' || persistence.storage === 'checkpoint'
    return { _tag: 'committed', path, value: isFolder ? await persistence.read(path) : value }
  } catch (cause) {
    await staging?.discard()
    return { _tag: 'refused', error: notSaved(session, node, readable(cause)).error }
  }
}
