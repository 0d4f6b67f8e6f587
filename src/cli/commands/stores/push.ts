import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { originOfConfig } from '../../../adapters/project/find-config.js'
import { transfer, everythingIn, type TransferReport } from '../../../runtime/upkeep/transfer/transfer.js'
import type { Copied } from '../../../runtime/upkeep/transfer/copy-artifact.js'
import type { Wanted } from '../../../runtime/upkeep/transfer/transfer-plan.js'
import type { WalkableStore } from '../../../runtime/upkeep/gc.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { planConfig } from '../../../planner/plan-config.js'
import { orThrow } from '../../../plan/plan-documents.js'
import type { LoadedProject } from '../../../adapters/project/project-file.js'
import { badOption } from '../../../explain.js'
import { numberOption, operandList, print, printBeside, type Call, type Command } from '../../call.js'
import { exitCodes, type ExitCode } from '../../exit-codes.js'
import { onInterruption } from '../../interruption.js'
import { jsonDocument } from '../../json-output.js'
import { planOptions, projectOf, printWarnings } from '../../open-chain-of-call.js'
import { progressLine, transferLines } from '../../render/render-transfer.js'
import { harmless } from '../../render/text-width.js'
import { transferItems, type TransferredItems } from '../../../runtime/upkeep/transfer/transfer-items.js'
import { transferredItemLines } from '../../render/items/item-text.js'
import { openStore } from '../../../adapters/open-store.js'
import { isS3Address } from '../../../adapters/object-store/s3/s3-address.js'
import { storeFor } from '../../store-of-call.js'

/** `push [CONFIG…] STORE`: copies results into another store. */
export const push: Command = (call) => copy(call, 'push')
/** `pull [CONFIG…] STORE`: copies results out of another store. */
export const pull: Command = (call) => copy(call, 'pull')

const copy = async (call: Call, direction: 'push' | 'pull'): Promise<ExitCode> => {
  const words = operandList(call, 'word')
  const [configs, other] = [words.slice(0, -1), words.at(-1) ?? '']
  const loaded = await projectOf(call)
  refuseConfig(`${direction} ${words.join(' ')}`, other, call, loaded)
  const [own, theirs] = [await storeFor(call, loaded), await openStore(other, call.host.folder)]
  if (own.location === theirs.location)
    throw badOption(`${direction} ${other}`, 'that is the store itself; name another one')
  if (direction === 'pull' && !isS3Address(other) && !existsSync(theirs.location))
    throw badOption(`pull ${other}`, `there is no folder ${theirs.location}`)
  const [source, target] = direction === 'push' ? [own, theirs] : [theirs, own]
  const { asked, folders } =
    configs.length === 0
      ? { asked: await everythingIn(source), folders: undefined }
      : await wantedBy(call, loaded, configs)
  const report = await withProgress(call, source, target, asked, folders)
  if (call.common.json) call.host.out.write(jsonDocument(documentOf(direction, source, target, report), 2))
  else
    print(call, [
      ...transferLines(direction, other, report, call.paint.out).map(harmless),
      ...transferredItemLines(report.items, direction === 'push' ? 'there' : 'here'),
    ])
  const isDifferent = report.items.some(({ different }) => different > 0)
  return report.code ?? (isDifferent || report.outcomes.some(isFailure) ? exitCodes.failed : exitCodes.done)
}

/** A config in the place of the store: the store was most likely forgotten, and a new folder would get its name. */
const refuseConfig = (asked: string, word: string, call: Call, { project, root }: LoadedProject): void => {
  const { folder } = call.host
  if (isS3Address(word) || /^\.{0,2}\//.test(word) || existsSync(resolve(folder, word))) return
  const origin = originOfConfig(word, { root, configs: project.configs, workingFolder: folder })
  if (!existsSync(resolve(root, origin))) return
  const problem = `'${word}' is a config, and the store is missing: ${asked} STORE`
  throw badOption(asked, `${problem}; for a folder of that name, write ./${word}`)
}

/** Keys that plans of some configs keep, and the folders of their tasks: in-memory tasks may have stored items. */
const wantedBy = async (call: Call, loaded: LoadedProject, configs: readonly string[]) => {
  const asked: Wanted[] = []
  const folders = new Set<string>()
  for (const config of configs) {
    const plan = orThrow(await planConfig(loaded.project, { config, ...planOptions(call, loaded) }))
    printWarnings(call, plan.warnings)
    for (const node of plan.nodes) {
      const address = addressOf(node)
      folders.add(address.folder)
      if (node.storage !== 'memory') asked.push(address)
    }
  }
  return { asked, folders: [...folders] }
}

type Report = TransferReport & { readonly code: ExitCode | undefined; readonly items: readonly TransferredItems[] }

const withProgress = async (
  call: Call,
  source: WalkableStore,
  target: WalkableStore,
  asked: readonly Wanted[],
  folders: readonly string[] | undefined,
): Promise<Report> => {
  const { err } = call.host
  const concurrency = numberOption(call, 'concurrency')
  const interruption = onInterruption(
    () => printBeside(call, ['stopping after the artifacts under way; the same command continues from there']),
    () => undefined,
  )
  const sums = { done: 0, bytes: 0, planned: 0, all: 0 }
  const show = (): void => {
    if (err.isTerminal && !call.common.json) err.write(`\r\x1b[2K${progressLine(sums)}`)
  }
  try {
    const report = await transfer(source, target, asked, {
      ...(concurrency === undefined ? {} : { concurrency }),
      compare: call.options['compare'] === true,
      signal: interruption.signal,
      planned: ({ send }, left) => {
        sums.planned += send.length
        sums.all = sums.planned + left
        if (sums.all > 0) show()
      },
      done: (_, outcome) => {
        sums.done++
        if (outcome._tag === 'copied') sums.bytes += outcome.bytes
        show()
      },
      waiting: ({ folder, key }, { host, pid }) =>
        printBeside(call, [`waiting for ${folder}/${key}, which process ${pid} on ${harmless(host)} is writing`]),
    })
    const { signal } = interruption
    const items = signal.aborted
      ? []
      : await transferItems(source, target, folders === undefined ? { signal } : { folders, signal })
    return { ...report, items, code: interruption.code() }
  } finally {
    if (err.isTerminal && sums.all > 0 && !call.common.json) err.write('\r\x1b[2K')
    interruption.release()
  }
}

const isFailure = ({ outcome }: { readonly outcome: Copied }): boolean =>
  outcome._tag === 'damaged' || outcome._tag === 'differs'

const documentOf = (
  direction: 'push' | 'pull',
  source: WalkableStore,
  target: WalkableStore,
  { plan, outcomes, stopped, items }: Report,
): object => ({
  direction,
  from: source.location,
  to: target.location,
  there: plan.there.length,
  lacking: plan.lacking.map(nameOf),
  stopped,
  artifacts: outcomes.map(({ artifact, outcome: { _tag, ...rest } }) => ({
    ...nameOf(artifact),
    outcome: _tag,
    ...rest,
  })),
  items: items.map(({ folder, name, ...sums }) => ({ task: folder.replaceAll('/', ':'), mapItems: name, ...sums })),
})

const nameOf = ({ folder, key }: Wanted): object => ({ task: folder.replaceAll('/', ':'), key })
