import { eachOf } from '../../../base/each-of.js'
import type { LeaseHolder } from '../../ports/lease.js'
import type { Store } from '../../ports/store.js'
import { onAbort } from '../../session/on-abort.js'
import type { WalkableStore } from '../gc.js'
import { compareArtifact, type Copied } from './copy-artifact.js'
import { sendBusy, sendFree, type Sending } from './sending.js'
import { partsOf, type TransferPart } from './transfer-parts.js'
import { planTransfer, type TransferPlan, type Wanted } from './transfer-plan.js'

/** How results are copied from one store to another. */
export interface TransferOptions {
  /** How many artifacts are copied at the same time. Default 8. */
  readonly concurrency?: number
  /** How many are looked up and copied together: what is known of them meanwhile takes memory. Default 4,000. */
  readonly partSize?: number
  /** Stops it after the artifacts that are being copied; copied ones stay. */
  readonly signal?: AbortSignal
  /** Whether results that both stores have are compared by digest. Default false: by name. */
  readonly compare?: boolean
  /** Called when it is known what there is to do: part by part if there are many. `left` were not looked up yet. */
  readonly planned?: (plan: TransferPlan, left: number) => void
  /** Called for each artifact. */
  readonly done?: (artifact: Wanted, outcome: Copied) => void
  /** Called when the only work left is artifacts that others are writing there. */
  readonly waiting?: (artifact: Wanted, holder: LeaseHolder) => void
}

/** One artifact and its outcome. */
export interface Transferred {
  readonly artifact: Wanted
  readonly outcome: Copied
}

/** The outcome of a push or a pull. */
export interface TransferReport {
  readonly plan: TransferPlan
  readonly outcomes: readonly Transferred[]
  /** Stopped by the signal before everything was copied. */
  readonly stopped: boolean
}

/**
 * Copies artifacts that the other store lacks, each completely or not at all; an interrupted transfer resumes where it
 * stopped. Artifacts that others are writing there come last. Rejects with the error of a store.
 *
 * @example
 * const wanted = [{ folder: 'movies/all', key: 'a'.repeat(32) }]
 * const { outcomes } = await transfer(fileStore('data/tasks'), fileStore('data/shared'), wanted)
 * outcomes.length // => 0
 */
export const transfer = async (
  source: Store,
  target: Store,
  wanted: readonly Wanted[],
  options: TransferOptions = {},
): Promise<TransferReport> => {
  const signal = options.signal ?? new AbortController().signal
  const plan = { send: [] as Wanted[], there: [] as Wanted[], lacking: [] as Wanted[] }
  const outcomes: Transferred[] = []
  const note = (artifact: Wanted, outcome: Copied): void => {
    outcomes.push({ artifact, outcome })
    options.done?.(artifact, outcome)
  }
  const busy: Wanted[] = []
  let left = wanted.length
  try {
    for (const part of partsOf(wanted, options.partSize)) {
      const looked = await unlessAborted(signal, lookUp(source, target, part))
      if (looked === undefined) break
      left -= part.wanted.length
      for (const kind of ['send', 'there', 'lacking'] as const)
        for (const artifact of looked.plan[kind]) plan[kind].push(artifact)
      options.planned?.(looked.plan, left)
      for (const artifact of await copyPart(target, looked, note, { ...options, signal })) busy.push(artifact)
      if (left > 0) await target.flush(true)
    }
    await sendBusy(sendingOf(source, target, new Set(), note, { ...options, signal }), busy)
  } finally {
    await target.flush()
  }
  return { plan, outcomes, stopped: signal.aborted }
}

/** What is known of some artifacts in both stores. */
interface LookedUp {
  readonly plan: TransferPlan
  /** The source, with its answers about these artifacts in few requests. */
  readonly from: Store
  /** Paths of those of which the target has something, if only a mark. */
  readonly there: ReadonlySet<string>
}

const lookUp = async (source: Store, target: Store, { wanted, folders, range }: TransferPart): Promise<LookedUp> => {
  const [looked = source, aimed = target] = await Promise.all([
    source.listed?.(folders, range),
    range === undefined ? undefined : target.listed?.(folders, range),
  ])
  const [here, there] = await Promise.all([looked.list(folders), aimed.list(folders)])
  const known = wanted.filter(({ folder, key }) => there.get(folder)?.has(key) === true)
  return {
    plan: planTransfer(wanted, here, there),
    from: { ...source, ...looked, list: source.list },
    there: new Set(known.map(pathOf)),
  }
}

const pathOf = ({ folder, key }: Wanted): string => `${folder}/${key}`

type Settled = TransferOptions & { readonly signal: AbortSignal }

/** Resolves with the artifacts that others are writing there. */
const copyPart = async (
  target: Store,
  { plan, from, there }: LookedUp,
  note: Sending['note'],
  options: Settled,
): Promise<readonly Wanted[]> => {
  const { compare = false, concurrency = 8, signal } = options
  if (compare)
    await eachOf(plan.there, concurrency, signal, async (artifact) => {
      const outcome = await compareArtifact(from, target, artifact)
      if (outcome._tag === 'differs') note(artifact, outcome)
    })
  return sendFree(sendingOf(from, target, there, note, options), plan.send)
}

const sendingOf = (
  source: Store,
  target: Store,
  there: LookedUp['there'],
  note: Sending['note'],
  { concurrency = 8, signal, waiting = () => undefined }: Settled,
): Sending => ({
  source,
  target,
  concurrency,
  signal,
  isNew: (artifact) => !there.has(pathOf(artifact)),
  note,
  waiting,
})

/** The result of some work; undefined once it is aborted, since a store that does not answer may take minutes. */
const unlessAborted = async <A>(signal: AbortSignal, work: Promise<A>): Promise<A | undefined> => {
  let forget = (): void => undefined
  const aborted = new Promise<undefined>((resolve) => {
    forget = onAbort(signal, () => resolve(undefined))
  })
  return Promise.race([work, aborted]).finally(() => forget())
}

/** Every key of a store that has data. */
export const everythingIn = async (store: WalkableStore): Promise<readonly Wanted[]> => {
  const found: Wanted[] = []
  for await (const { folder, key, names } of store.upkeep.walk(true))
    if (names.extensions.length > 0) found.push({ folder, key })
  return found
}
