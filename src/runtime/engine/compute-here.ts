import type { Task } from '../../declare/task.js'
import type { Awaitable } from '../../declare/types.js'
import { nodesById } from '../../plan/plan-graph.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { asAsker } from '../session/nested-runs.js'
import { releaseIdentity } from '../session/identity-claims.js'
import type { Reading } from '../session/reading-types.js'
import type { Produced, Session } from '../session/session.js'
import { slotFreeing } from '../session/slots.js'
import { argumentsOf, callOf, runParams, type ArgumentParts, type Lend } from '../task-run/arguments/run-arguments.js'
import { takesContext } from '../task-run/arguments/roles.js'
import { artifactPaths, LostPath, type ArtifactPaths } from '../task-run/artifact-paths.js'
import { compute } from '../task-run/compute.js'
import { pinnedFolders, type PinnedFolders } from '../task-run/pinned-folders.js'
import { plannedFiles } from '../task-run/planned-files.js'
import type { ReadContent } from '../task-run/read-contents.js'
import type { Work } from '../task-run/work.js'
import { cycleError } from './run-cycles.js'
import { question, slotsOf, type Run } from './run-state.js'
import type { RunUnit } from './run-types.js'
import { inputsOf, type NeededItem } from './work-graph.js'

/** Waits while the unit's slots, of this run and of the session, are free for others. */
export type Pause = <A>(key: string | undefined, wait: () => Promise<A>) => Promise<A>

/** The parts of a run that the computation of a unit needs. */
export type Computing = Pick<Run, 'session' | 'emit' | 'values'> & { readonly stop: Pick<AbortController, 'signal'> }

/** Gives a running task a value that it requests, or a path if there is `open`. `lent` is told from which unit. */
export type Lender = (
  id: string,
  lent: (from: RunUnit) => Promise<void>,
  open: ((node: NodeOutline) => Promise<string>) | undefined,
) => Promise<unknown>

/** Computes a unit in this process; what its task requests meanwhile comes from the scheduler. */
export const computeHere = (run: Run, unit: RunUnit, task: Task, pause: Pause): Promise<Produced> => {
  let free: ReturnType<typeof slotFreeing> | undefined
  return computeGiven(run, unit, task, pause, {
    lender: (id, lent, open) => {
      free ??= slotFreeing(slotsOf(run, unit))
      return free(() => lend(run, unit, id, lent, open))
    },
    hasReaders: () => (run.schedule.units[unit.id]?.readers ?? 1) > 0 || run.session.runs.size > 1,
  })
}

/** What others give to a running task, and want of it. */
interface Surroundings extends Pick<Work, 'hasReaders'> {
  readonly lender: Lender
}

/** Computes a unit whose inputs are available: prepares its arguments and watches what it reads. */
export const computeGiven = async (
  run: Computing,
  unit: RunUnit,
  task: Task,
  pause: Pause,
  { lender, hasReaders }: Surroundings,
): Promise<Produced> => {
  const { session, stop } = run
  const reads = readsOf(session, unit, lender)
  try {
    const isGiven = inputsOf(session, unit).some(({ want }) => want === 'kept')
    const given = isGiven ? await pathsGiven(run, unit, reads) : noPaths
    if (given === 'lost') return { _tag: 'damaged', readings: await reads.damaged(true) }
    const files = plannedFiles(session, unit.node)
    const params = runParams(session, unit, task, reads.lend, files.met)
    if (params._tag === 'Left') return { _tag: 'failed', error: params.left }
    const { node } = unit
    const parts = { node, task, params: params.right, valueOf: valuesOf(run, unit, given), lend: reads.lend }
    const args = argumentsOf(parts)
    if (args._tag === 'Left') return { _tag: 'failed', error: args.left }
    const watched = session.checkMutation ? args.right.watch() : undefined
    const pinning = reads.pin()
    if (pinning !== undefined) await pinning
    const free: Work['pause'] = (wait) => pause(undefined, wait)
    const asking = asAsker({ session, node, signal: stop.signal, free }, task, callOf(parts, args.right.values))
    const work: Work = {
      session,
      plan: unit.plan,
      node,
      task,
      call: asking.call,
      takesContext: takesContext(task),
      signal: stop.signal,
      pause: free,
      emit: run.emit,
      changed: files.changed,
      contents: reads.contents,
      damaged: reads.damaged,
      hasReaders,
    }
    try {
      const produced = await asking.during(() => compute(work))
      const changed = watched?.()
      const isMade = produced._tag === 'computed' || produced._tag === 'kept'
      return changed !== undefined && isMade ? { _tag: 'failed', error: changed } : produced
    } finally {
      asking.end()
    }
  } finally {
    const releasing = reads.release()
    if (releasing !== undefined) await releasing
  }
}

/** Paths of inputs by full name. */
type Paths = ReadonlyMap<string, string>
const noPaths: Paths = new Map()

const pathsGiven = async ({ session }: Computing, unit: RunUnit, reads: Reads): Promise<Paths | 'lost'> => {
  const paths = new Map<string, string>()
  for (const { node, want } of inputsOf(session, unit))
    if (want === 'kept') {
      const path = await reads.open(node).catch((cause: unknown) => {
        if (cause instanceof LostPath) return undefined
        throw cause
      })
      if (path === undefined) return 'lost'
      paths.set(node.id, path)
    }
  return paths
}

/** Up to this many inputs are searched without an index. */
const few = 8

/** Finds the value or the path of an input by full name. */
const valuesOf = ({ session, values }: Computing, unit: RunUnit, paths: Paths): ArgumentParts['valueOf'] => {
  const needed = inputsOf(session, unit)
  const isValue = ({ node, want }: NeededItem, id: string): boolean => want === 'value' && node.id === id
  const index =
    needed.length > few
      ? new Map(needed.flatMap((one, at) => (one.want === 'value' ? [[one.node.id, at]] : [])))
      : undefined
  const placeOf = (id: string): number => index?.get(id) ?? needed.findIndex((one) => isValue(one, id))
  return (id, byPath) => (byPath ? paths.get(id) : values.get(unit.inputs[placeOf(id)]?.id ?? -1)?.value)
}

/** Reads of a running task: its arguments, and values that it requests. */
interface Reads {
  readonly contents: Map<string, ReadContent>
  readonly lend: Lend
  /** Protects folders among its inputs from deletion. */
  readonly pin: () => Promise<unknown> | undefined
  /** The path of a stored artifact. Rejects with `LostPath` if it no longer exists. */
  readonly open: (node: NodeOutline) => Promise<string>
  readonly damaged: (failed: boolean) => Awaitable<readonly Reading[]>
  readonly release: () => Promise<unknown> | undefined
}

const readsOf = (session: Session, unit: RunUnit, lender: Lender): Reads => {
  const units = [...unit.inputs]
  const contents = new Map<string, ReadContent>()
  for (const input of units) contents.set(input.node.key, input)
  // most tasks read values that are in memory, and request nothing
  const byPath = new Set<Reading>()
  let pins: PinnedFolders | undefined
  let paths: ArtifactPaths | undefined
  let isOver = false
  const pin = (readings: readonly Reading[]): Promise<unknown> | undefined =>
    isOver || readings.length === 0 ? undefined : (pins ??= pinnedFolders(session)).add(readings)
  const open = async (node: NodeOutline): Promise<string> => {
    paths ??= artifactPaths(session)
    const opened = await paths.open(node).catch((cause: unknown) => {
      if (cause instanceof LostPath) byPath.add(cause.reading)
      throw cause
    })
    byPath.add(opened.reading)
    contents.set(node.key, { node, content: opened.content })
    return opened.path
  }
  const lent = async (from: RunUnit): Promise<void> => {
    units.push(from)
    contents.set(from.node.key, from)
    await pin(from.readings)
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
    lend: (id, byPath = false) => lender(id, lent, byPath ? open : undefined),
    pin: () => pin(unit.inputs.length === 0 ? none : unit.inputs.flatMap(readingsOf)),
    open,
    damaged: (failed) => (byPath.size === 0 && units.every(isWithout) ? none : look(failed)),
    release: () => {
      isOver = true
      const [pinned, given] = [pins?.release(), paths?.release()]
      return pinned === undefined ? given : pinned.then(() => given)
    },
  }
}

const none: readonly Reading[] = []
const readingsOf = ({ readings }: RunUnit): readonly Reading[] => readings
const isWithout = ({ readings }: RunUnit): boolean => readings.length === 0

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

/** What a running task requests, from the scheduler. */
const lend = async (
  run: Run,
  unit: RunUnit,
  id: string,
  lent: (from: RunUnit) => Promise<void>,
  open: Reads['open'] | undefined,
): Promise<unknown> => {
  const node = nodesById(unit.plan).get(id)
  if (node === undefined) throw new Error(`${id} is not in the chain`)
  releaseIdentity(run.session, unit.node.key)
  const answer = await question(run, unit, run.graph.positionOf({ plan: unit.plan, node }))
  if (answer._tag === 'refuse') throw cycleError(answer.path)
  if (answer._tag !== 'lend') throw new Error(`${id} is not available`)
  await lent(answer.from)
  if (answer.value !== undefined) return open === undefined ? answer.value.value : open(node)
  const { lost } = answer.from
  if (lost?._tag === 'failed' && 'cause' in lost.error)
    throw new Error(`${id} has no value: it failed`, { cause: lost.error.cause })
  throw new Error(`${id} has no value: ${lost?._tag ?? 'stopped'}`)
}
