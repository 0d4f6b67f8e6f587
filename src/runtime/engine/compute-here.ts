import type { Task } from '../../declare/task.js'
import type { Awaitable } from '../../declare/types.js'
import { nodesById } from '../../plan/plan-graph.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { asAsker } from '../session/nested-runs.js'
import { releaseIdentity } from '../session/identity-claims.js'
import type { Reading } from '../session/reading-types.js'
import type { Produced } from '../session/session.js'
import { slotFreeing } from '../session/slots.js'
import { argumentsOf, callOf, handlesOf, runParams, type Lend } from '../task-run/arguments/run-arguments.js'
import { artifactPaths, LostPath } from '../task-run/artifact-paths.js'
import { compute } from '../task-run/compute.js'
import { pinnedFolders, type PinnedFolders } from '../task-run/pinned-folders.js'
import { plannedFiles } from '../task-run/planned-files.js'
import type { Work } from '../task-run/work.js'
import { cycleError } from './run-cycles.js'
import { question, slotsOf, type Run } from './run-state.js'
import type { RunUnit } from './run-types.js'
import { inputsOf } from './work-graph.js'

/** Waits while the unit's slots, of this run and of the session, are free for others. */
export type Pause = <A>(key: string | undefined, wait: () => Promise<A>) => Promise<A>

/** Computes a unit in this process: prepares its arguments and watches what it reads. */
export const computeHere = async (run: Run, unit: RunUnit, task: Task, pause: Pause): Promise<Produced> => {
  const reads = readsOf(run, unit)
  try {
    const isGiven = inputsOf(run.session, unit).some(({ want }) => want === 'kept')
    const given = isGiven ? await pathsGiven(run, unit, reads) : new Map<string, string>()
    return given === 'lost'
      ? { _tag: 'damaged', readings: await reads.damaged(true) }
      : await computeWith(run, unit, task, pause, reads, given)
  } finally {
    const releasing = reads.release()
    if (releasing !== undefined) await releasing
  }
}

/** Paths of inputs by full name. */
type Paths = ReadonlyMap<string, string>

const pathsGiven = async ({ session }: Run, unit: RunUnit, { open }: Reads): Promise<Paths | 'lost'> => {
  const paths = new Map<string, string>()
  for (const { node, want } of inputsOf(session, unit))
    if (want === 'kept') {
      const path = await open(node).catch((cause: unknown) => {
        if (cause instanceof LostPath) return undefined
        throw cause
      })
      if (path === undefined) return 'lost'
      paths.set(node.id, path)
    }
  return paths
}

const computeWith = async (
  run: Run,
  unit: RunUnit,
  task: Task,
  pause: Pause,
  { lend, pin, contents, damaged }: Reads,
  paths: Paths,
): Promise<Produced> => {
  const { session, emit, stop } = run
  const { node, plan } = unit
  const files = plannedFiles(session, node)
  const params = runParams(session, unit, task, lend, files.met)
  if (params._tag === 'Left') return { _tag: 'failed', error: params.left }
  const values = unitsOfValues(run, unit)
  const valueOf = (id: string, byPath: boolean): unknown =>
    byPath ? paths.get(id) : run.values.get(values.get(id) ?? -1)?.value
  const args = argumentsOf({ node, task, params: params.right, valueOf, lend })
  if (args._tag === 'Left') return { _tag: 'failed', error: args.left }
  const watched = session.checkMutation ? args.right.watch() : undefined
  const pinning = pin()
  if (pinning !== undefined) await pinning
  const handles = handlesOf({ node, task, lend })
  const call = callOf(task, args.right.values, { params: params.right, inputs: handles })
  const work: Work = {
    session,
    plan,
    node,
    task,
    call,
    signal: stop.signal,
    pause: (wait) => pause(undefined, wait),
    emit,
    changed: files.changed,
    contents,
    damaged,
  }
  const asker = { session, node, signal: stop.signal, free: <A>(wait: () => Promise<A>) => pause(undefined, wait) }
  const produced = await asAsker(asker, task, call, (called) => compute({ ...work, call: called }))
  const changed = watched?.()
  return changed !== undefined && produced._tag === 'computed' ? { _tag: 'failed', error: changed } : produced
}

/** Units by the full names of the inputs whose values they have. */
const unitsOfValues = ({ session }: Run, unit: RunUnit): ReadonlyMap<string, number> =>
  new Map(
    inputsOf(session, unit).flatMap(({ node, want }, at) =>
      want === 'value' ? [[node.id, unit.inputs[at]?.id ?? -1] as const] : [],
    ),
  )

/** Reads of a running task: its arguments, and values that it requests. */
interface Reads {
  readonly contents: Map<string, { readonly node: NodeOutline; readonly content: RunUnit['content'] }>
  readonly lend: Lend
  /** Protects folders among its inputs from deletion. */
  readonly pin: () => Promise<unknown> | undefined
  /** The path of a stored artifact. Rejects with `LostPath` if it no longer exists. */
  readonly open: (node: NodeOutline) => Promise<string>
  readonly damaged: (failed: boolean) => Awaitable<readonly Reading[]>
  readonly release: () => Promise<unknown> | undefined
}

const readsOf = (run: Run, unit: RunUnit): Reads => {
  const { session } = run
  const units = [...unit.inputs]
  const byPath = new Set<Reading>()
  const contents: Reads['contents'] = new Map(units.map(({ node, content }) => [node.key, { node, content }]))
  const pins = pinnedFolders(session)
  const paths = artifactPaths(session)
  const open = async (node: NodeOutline): Promise<string> => {
    const opened = await paths.open(node).catch((cause: unknown) => {
      if (cause instanceof LostPath) byPath.add(cause.reading)
      throw cause
    })
    byPath.add(opened.reading)
    contents.set(node.key, { node, content: opened.content })
    return opened.path
  }
  const passOn = (from: RunUnit): void => {
    units.push(from)
    contents.set(from.node.key, { node: from.node, content: from.content })
  }
  const look = async (failed: boolean): Promise<readonly Reading[]> => {
    const damaged = await damagedAmong([...units.flatMap(({ readings }) => readings), ...byPath], failed)
    // units that hold the damaged value are forgotten with it
    for (const one of units)
      one.readings = [...new Set([...one.readings, ...damaged.filter(({ node }) => node.key === one.node.key)])]
    return damaged
  }
  return {
    contents,
    lend: lender(run, unit, pins, passOn, open),
    pin: () => pins.add(unit.inputs.flatMap(({ readings }) => readings)),
    open,
    damaged: (failed) =>
      byPath.size === 0 && units.every(({ readings }) => readings.length === 0) ? [] : look(failed),
    release: () => {
      const [pinned, given] = [pins.release(), paths.release()]
      return pinned === undefined ? given : pinned.then(() => given)
    },
  }
}

/**
 * Readings of a unit that turned out to be damaged. Folders are verified again first, and all readings if the unit has
 * failed.
 */
const damagedAmong = async (readings: readonly Reading[], failed: boolean): Promise<readonly Reading[]> => {
  const all = [...new Set(readings)]
  const doubted = all.filter(({ isFolder }) => failed || isFolder)
  await Promise.all(doubted.map((reading) => reading.recheck().catch(() => undefined)))
  return all.filter((reading) => reading.damage() !== undefined)
}

/** Gives a running task the values and paths that it requests; its slots are free for others while it waits. */
const lender = (
  run: Run,
  unit: RunUnit,
  pins: PinnedFolders,
  lending: (from: RunUnit) => void,
  open: Reads['open'],
): Lend => {
  const free = slotFreeing(slotsOf(run, unit))
  return (id, byPath = false) =>
    free(async () => {
      const node = nodesById(unit.plan).get(id)
      if (node === undefined) throw new Error(`${id} is not in the chain`)
      releaseIdentity(run.session, unit.node.key)
      const answer = await question(run, unit, run.graph.positionOf({ plan: unit.plan, node }))
      if (answer._tag === 'refuse') throw cycleError(answer.path)
      if (answer._tag !== 'lend') throw new Error(`${id} is not available`)
      lending(answer.from)
      await pins.add(answer.from.readings)
      if (answer.value !== undefined) return byPath ? open(node) : answer.value.value
      const { lost } = answer.from
      if (lost?._tag === 'failed' && 'cause' in lost.error)
        throw new Error(`${id} has no value: it failed`, { cause: lost.error.cause })
      throw new Error(`${id} has no value: ${lost?._tag ?? 'stopped'}`)
    })
}
