import { operand, print, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { itemsOfTaskLines } from '../render/items/item-text.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { whyLines } from '../render/render-why.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import type { Reason } from '../../plan/inspect/root-causes.js'
import type { Why } from '../../runtime/chain/why-node.js'

/** `why CONFIG TASK`: why a task is or is not recomputed, down to the values that caused it. */
export const whyCommand: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const why = await handle.why()
    const items = (await store.items?.list(addressOf(handle.node).folder)) ?? []
    if (call.common.json)
      call.host.out.write(jsonDocument({ ...whyDocument(why), ...(items.length === 0 ? {} : { items }) }, 2))
    else print(call, [...whyLines(why, call.paint.out), ...itemsOfTaskLines(items, call.paint.out)])
    return exitCodes.done
  })

/**
 * Fields without a value are null, so that the document always has the same fields; reasons have their tag as `kind`.
 */
const whyDocument = ({ drifted, stale, adopted, former, refresh, ...why }: Why): object => ({
  ...why,
  seconds: why.seconds ?? null,
  ended: why.ended ?? null,
  trouble: why.trouble ?? null,
  nearest: nearestDocument(why.nearest),
  causes: why.causes.map(({ reason, ...cause }) => ({
    node: cause.node,
    ...kinded(reason),
    via: cause.via,
    against: cause.against ?? null,
  })),
  drifted,
  stale: stale ?? null,
  adopted: adopted ?? null,
  ...(former === undefined ? {} : { former }),
  refresh: refresh ?? null,
})

const nearestDocument = (nearest: Why['nearest']): object | null =>
  nearest === undefined
    ? null
    : { key: nearest.key, ended: nearest.ended, seconds: nearest.seconds, differences: nearest.differences.map(kinded) }

/** The `node` of an input reason is the node that it reads; it becomes `reads`, since a cause has its own `node`. */
const kinded = (reason: Reason): object => {
  if (reason._tag !== 'Input') return { kind: reason._tag, ...omitTag(reason) }
  const { _tag, node, ...rest } = reason
  return { kind: _tag, reads: node, ...rest }
}

const omitTag = ({ _tag, ...rest }: Reason): object => rest
