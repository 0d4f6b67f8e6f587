import { staleArtifacts } from '../../runtime/upkeep/stale-artifacts.js'
import { verifyStore } from '../../runtime/upkeep/verify.js'
import { print, numberOption, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { onInterruption } from '../interruption.js'
import { jsonDocument } from '../json-output.js'
import { staleLines, verifyLines } from '../render/render-gc.js'
import { verifiedItemLines } from '../render/items/item-text.js'
import { projectOf } from '../open-chain-of-call.js'
import { storeFor } from '../store-of-call.js'
import { labelNow, reportWaiting } from './gc.js'

/**
 * `verify`: reads everything that is stored, compares it with its run infos and sets damaged artifacts aside. Exit code
 * 1 if any was damaged or could not be checked. Stale artifacts are reported, but are no error.
 */
export const verify: Command = async (call) => {
  const store = await storeFor(call, await projectOf(call))
  const concurrency = numberOption(call, 'concurrency')
  const interruption = onInterruption(
    () => undefined,
    () => undefined,
  )
  try {
    const found = await verifyStore(store, {
      label: labelNow(),
      lookOnly: call.options['dryRun'] === true,
      signal: interruption.signal,
      waiting: reportWaiting(call),
      ...(concurrency === undefined ? {} : { concurrency }),
    })
    const stale = interruption.code() === undefined ? await staleArtifacts(store) : undefined
    const items = interruption.code() === undefined ? ((await store.items?.list()) ?? []) : []
    if (call.common.json) call.host.out.write(jsonDocument({ ...found, stale: stale ?? null, items }, 2))
    else
      print(call, [
        ...verifyLines(found, call.paint.out),
        ...verifiedItemLines(items, call.paint.out),
        ...staleLines(stale ?? [], call.paint.out),
      ])
    const isDamaged = found.damage.length > 0 || found.unsure.length > 0 || items.some(({ damaged }) => damaged > 0)
    return interruption.code() ?? (isDamaged ? exitCodes.failed : exitCodes.done)
  } finally {
    interruption.release()
  }
}
