import { existsSync } from 'node:fs'
import { taskchainError } from '../../explain.js'
import type { Chain, NodeState, TaskHandle } from '../../runtime/chain/chain-types.js'
import { operand, print, widthOf, numberOption, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument, refused } from '../json-output.js'
import { mustRun } from '../../inspect/must-run.js'
import { defaultRows, previewOf, wholeOf } from '../render/preview.js'
import { troubleText } from '../render/render-why.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { harmless } from '../render/text-width.js'
import { counted } from '../render/units.js'

/**
 * `show CONFIG TASK`: a preview of the value, or with `--json` all of it. A task whose result is kept is never computed
 * or replaced without `--compute`.
 */
export const show: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const compute = call.options['compute'] === true
    const missing = compute ? [] : mustRun(chain.plan, await readableStates(chain), handle.name)
    if (missing.length > 0) {
      const why = await missingText(handle, keysOf(chain, missing), missing)
      const problem = `${why}; add --compute, or use 'run' instead of 'show'`
      return refused(call, 'NotComputed', problem, exitCodes.usage)
    }
    const text = await readable(handle, async () => textOf(call, handle, await handle.value({ compute })))
    if (call.common.json) call.host.out.write(text.join(''))
    else print(call, [...text, ...picturesOf(handle).map((path) => call.paint.out.dim(`picture  ${harmless(path)}`))])
    return exitCodes.done
  })

/** A result that is due for refresh is still readable. */
export const readableStates = async (chain: Chain): Promise<ReadonlyMap<string, NodeState>> => {
  const states = new Map(await chain.states())
  for (const { node, due } of await chain.refreshes())
    if (due && states.get(node) === 'stale') states.set(node, 'cached')
  return states
}

/** Pictures stored next to a figure's specification, the preferred one first. */
const picturesOf = ({ node, dataPath }: TaskHandle): readonly string[] =>
  node.format !== 'figure' || dataPath === undefined
    ? []
    : ['.png', '.svg'].map((ending) => dataPath.replace(/\.json$/, ending)).filter((path) => existsSync(path))

const picturesField = (handle: TaskHandle): object => {
  const pictures = picturesOf(handle)
  return pictures.length === 0 ? {} : { pictures }
}

const textOf = async (call: Call, handle: TaskHandle, value: unknown): Promise<readonly string[]> => {
  const { name, key, node } = handle
  return call.common.json
    ? [jsonDocument({ task: name, key, ...(await wholeOf(value, node)), ...picturesField(handle) })]
    : previewOf(value, node, {
        rows: numberOption(call, 'rows') ?? defaultRows,
        columns: widthOf(call),
        paint: call.paint.out,
      })
}

const keysOf = ({ plan }: Chain, ids: readonly string[]): number =>
  new Set(plan.nodes.filter(({ id }) => ids.includes(id)).map(({ key }) => key)).size

/** Why a task has no value to show. */
export const missingText = async (
  handle: TaskHandle,
  distinct: number,
  missing: readonly string[],
): Promise<string> => {
  const { trouble, stale } = missing.includes(handle.name) ? await handle.why() : {}
  if (stale !== undefined && trouble === undefined)
    return `${handle.name} is stale: it was made from another ${stale.because.map(({ input }) => input).join(', ')}`
  if (trouble !== undefined) return `${handle.name} cannot be shown: ${troubleText(trouble)}`
  const isAlone = missing.length === 1 && missing[0] === handle.name
  return isAlone
    ? `${handle.name} is not computed yet`
    : `${handle.name} needs ${counted(distinct, 'task')} that ${distinct === 1 ? 'is' : 'are'} not computed yet`
}

/** Streams and folders are read while they are shown, so a read error then means a damaged artifact, not a bug. */
export const readable = async <A>({ name, dataPath }: TaskHandle, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (cause) {
    // by name, not by class: a project may have its own copy of the library
    const isDamage = cause instanceof Error && (cause.name === 'DamagedArtifact' || cause.name === 'FormatProblem')
    throw isDamage ? taskchainError([{ _tag: 'ArtifactUnreadable', node: name, path: dataPath ?? '', cause }]) : cause
  }
}
