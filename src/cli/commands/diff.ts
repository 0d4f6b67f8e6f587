import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { originOfConfig } from '../../adapters/project/find-config.js'
import { gitSource, type GitSource } from '../../adapters/project/git-source.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import { errorsOfThrown } from '../../explain/thrown-errors.js'
import { badOption } from '../../explain.js'
import type { Chain } from '../../runtime/chain/chain-types.js'
import type { Store } from '../../runtime/ports/store.js'
import { operand, print, printBeside, widthOf, optionalOperand, type Call, type Command } from '../call.js'
import { splitPart } from '../../config/uses.js'
import { compareChains, type ChainComparison } from '../../inspect/compare-chains.js'
import { exitCodes, type ExitCode } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { diffLines } from '../render/render-diff.js'
import { projectOf, withChain } from '../open-chain-of-call.js'

/** `diff CONFIG_A CONFIG_B`, `diff CONFIG@REVISION`: how two chains differ, and what that costs to recompute. */
export const diff: Command = async (call) => {
  const [first, second] = sidesOf(call)
  const loaded = await projectOf(call)
  const compared = async (before: OpenSide, after: OpenSide, store: Store): Promise<ExitCode> => {
    const comparison = await compareChains(store, before.chain, after.chain)
    const report = { before: first.asked, after: second.asked, ...comparison }
    const sides = { before: sideDocument(first, before), after: sideDocument(second, after) }
    if (call.common.json) call.host.out.write(jsonDocument({ ...sides, ...documentOf(report) }, 2))
    else print(call, diffLines(report, call.paint.out, widthOf(call)))
    return exitCodes.done
  }
  return withSide(call, loaded, first, (before) =>
    withSide(call, loaded, second, (after, store) => compared(before, after, store), before.unread),
  )
}

/** A config, at a git revision or as it is now. */
interface Side {
  /** As typed on the command line. */
  readonly asked: string
  readonly config: string
  readonly revision: string | undefined
}

interface OpenSide {
  readonly chain: Chain
  readonly commit: string | undefined
  /** `--set` names that this side does not read; an error only if the other side does not read them either. */
  readonly unread: readonly string[]
}

const sidesOf = (call: Call): readonly [Side, Side] => {
  const [first, second] = [operand(call, 'config'), optionalOperand(call, 'other')]
  const before = sideOf(call, first)
  if (second !== undefined) return [before, sideOf(call, second)]
  if (before.revision === undefined)
    throw badOption(`diff ${first}`, 'name a second config, or a revision to compare it with: CONFIG@HEAD')
  return [before, { asked: before.config, config: before.config, revision: undefined }]
}

/** `config@revision`; the revision follows the last @, unless a file has that name. */
const sideOf = (call: Call, asked: string): Side => {
  const at = asked.lastIndexOf('@')
  if (at <= 0 || existsSync(resolve(call.host.folder, splitPart(asked).path)))
    return { asked, config: asked, revision: undefined }
  const [revision = '', part] = asked.slice(at + 1).split('#')
  return { asked, config: `${asked.slice(0, at)}${part === undefined ? '' : `#${part}`}`, revision }
}

const withSide = async <A>(
  call: Call,
  loaded: LoadedProject,
  side: Side,
  work: (open: OpenSide, store: Store) => Promise<A>,
  unreadBefore: readonly string[] = [],
): Promise<A> => {
  const source = side.revision === undefined ? undefined : await gitSource(loaded.root, side.revision)
  const config = source === undefined ? side.config : originAt(call, loaded, side.config, source)
  let opened = false
  const open = (from: Call, unread: readonly string[]): Promise<A> =>
    withChain(from, config, source === undefined ? {} : { source }, (chain, store) => {
      opened = true
      return work({ chain, commit: source?.commit, unread }, store)
    })
  try {
    return await open(call, []).catch((error: unknown) => {
      const unread = opened ? [] : unreadIn(error)
      if (unread.length === 0 || unread.some((name) => unreadBefore.includes(name))) throw error
      return open(withoutSet(call, unread), unread)
    })
  } catch (error) {
    if (!opened && side.revision !== undefined)
      printBeside(call, [`${side.config} as it was at ${side.revision} does not fit the project as it is now:`])
    throw error
  }
}

/** `--set` names whose only error is that this side does not read them. */
const unreadIn = (error: unknown): readonly string[] => {
  const errors = errorsOfThrown(error) ?? []
  const unread = errors.flatMap((one) => (one._tag === 'UnreadValue' && one.of === 'set' ? [one.name] : []))
  return unread.length === errors.length ? unread : []
}

const withoutSet = (call: Call, names: readonly string[]): Call => ({
  ...call,
  common: {
    ...call.common,
    set: call.common.set.filter((given) => !names.includes(given.split('=', 1)[0]?.trim() ?? '')),
  },
})

/** Path of a config at a revision; it may no longer exist. Absolute, so that it is not searched for again. */
const originAt = (call: Call, { root, project }: LoadedProject, config: string, source: GitSource): string => {
  const name = splitPart(config).path
  const places = { root, configs: project.configs, workingFolder: call.host.folder }
  const { path: now, part } = splitPart(originOfConfig(config, places))
  const names = [now, name, `${project.configs}/${name}`].flatMap((base) =>
    ['', '.yaml', '.yml', '.json'].map((extension) => base + extension),
  )
  return `${resolve(root, names.find((origin) => source.has(origin)) ?? now)}${part === undefined ? '' : `#${part}`}`
}

const sideDocument = (side: Side, { chain, commit }: OpenSide): object => ({
  config: side.config,
  revision: side.revision ?? null,
  commit: commit ?? null,
  nodes: chain.plan.nodes.length,
})

/** Undefined fields of a change are left out; the lists are always present. */
const documentOf = ({ diff: { params, ...tasks }, toCompute, metrics }: ChainComparison): object => ({
  params,
  tasks,
  toCompute,
  metrics,
})
