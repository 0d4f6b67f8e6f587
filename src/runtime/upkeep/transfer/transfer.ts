import { eachOf } from '../../../base/each-of.js'
import type { LeaseHolder } from '../../ports/lease.js'
import type { Store } from '../../ports/store.js'
import { onAbort } from '../../session/on-abort.js'
import type { WalkableStore } from '../gc.js'
import { compareArtifact, type Copied } from './copy-artifact.js'
import { sendBusy, sendFree, type Sending } from './sending.js'
import { planTransfer, type TransferPlan, type Wanted } from './transfer-plan.js'

/** How results are copied from one store to another. */
export interface TransferOptions {
  /** How many artifacts are copied at the same time. Default 8. */
  readonly concurrency?: number
  /** Stops it after the artifacts that are being copied; copied ones stay. */
  readonly signal?: AbortSignal
  /** Whether results that both stores have are compared by digest. Default false: by name. */
  readonly compare?: boolean
  /** Called when it is known what there is to do. */
  readonly planned?: (plan: TransferPlan) => void
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
  const { concurrency = 8, compare = false, planned, done, waiting } = options
  const signal = options.signal ?? new AbortController().signal
  const folders = [...new Set(wanted.map(({ folder }) => folder))]
  const looking = async () => {
    const [looked = source, there] = await Promise.all([source.listed?.(folders), target.list(folders)])
    return { looked, there, plan: planTransfer(wanted, await looked.list(folders), there) }
  }
  const found = await unlessAborted(signal, looking())
  if (found === undefined) return { plan: { send: [], there: [], lacking: [] }, outcomes: [], stopped: true }
  const { looked, there, plan } = found
  planned?.(plan)
  const outcomes: Transferred[] = []
  const note = (artifact: Wanted, outcome: Copied): void => {
    outcomes.push({ artifact, outcome })
    done?.(artifact, outcome)
  }
  const isNew = ({ folder, key }: Wanted): boolean => there.get(folder)?.has(key) !== true
  const from: Store = { ...source, ...looked, list: source.list } // `list` reads the store again
  const sending: Sending = {
    source: from,
    target,
    concurrency,
    signal,
    isNew,
    note,
    waiting: waiting ?? (() => undefined),
  }
  try {
    if (compare)
      await eachOf(plan.there, concurrency, signal, async (artifact) => {
        const outcome = await compareArtifact(from, target, artifact)
        if (outcome._tag === 'differs') note(artifact, outcome)
      })
    await sendBusy(sending, await sendFree(sending, plan.send))
  } finally {
    await target.flush()
  }
  return { plan, outcomes, stopped: signal.aborted }
}

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
