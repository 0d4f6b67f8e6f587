import type { LeaseHolder } from '../../ports/lease.js'
import type { Store } from '../../ports/store.js'
import type { WalkableStore } from '../gc.js'
import { ifFree } from '../../ports/if-free.js'
import { addArtifact, compareArtifact, copyKnown, knownOf, type Copied, type Ends } from './copy-artifact.js'
import { planTransfer, type TransferPlan, type Wanted } from './transfer-plan.js'

/** How results go from one store to another. */
export interface TransferOptions {
  /** Artifacts copied at once. Default 8. */
  readonly concurrency?: number
  /** Ends it after the artifacts that are being copied; what was copied stays. */
  readonly signal?: AbortSignal
  /** Whether results that both sides have are compared by digest. Default false: by name. */
  readonly compare?: boolean
  /** Told when it is known what there is to do. */
  readonly planned?: (plan: TransferPlan) => void
  /** Told of each artifact. */
  readonly done?: (artifact: Wanted, outcome: Copied) => void
  /** Told when the only work left is what others are writing there just now. */
  readonly waiting?: (artifact: Wanted, holder: LeaseHolder) => void
}

/** One artifact and what became of it. */
export interface Transferred {
  readonly artifact: Wanted
  readonly outcome: Copied
}

/** What a push or a pull did. */
export interface TransferReport {
  readonly plan: TransferPlan
  readonly outcomes: readonly Transferred[]
  /** Stopped by the signal before everything was copied. */
  readonly stopped: boolean
}

/**
 * Copies artifacts that the other store lacks, each whole or not at all; one that was interrupted goes on where it
 * stopped. What others are writing there just now comes last. Rejects with the error of a store.
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
  const [here, there] = await Promise.all([source.list(folders), target.list(folders)])
  const plan = planTransfer(wanted, here, there)
  planned?.(plan)
  const outcomes: Transferred[] = []
  const busy: Wanted[] = []
  const note = (artifact: Wanted, outcome: Copied): void => {
    outcomes.push({ artifact, outcome })
    done?.(artifact, outcome)
  }
  try {
    if (compare)
      await eachOf(plan.there, concurrency, signal, async (artifact) => {
        const outcome = await compareArtifact(source, target, artifact)
        if (outcome._tag === 'differs') note(artifact, outcome)
      })
    for (let at = 0; at < plan.send.length && !signal.aborted; at += lookedAtOnce) {
      const some = plan.send.slice(at, at + lookedAtOnce)
      const isFree = some.length < enoughToLook ? undefined : await target.adding?.free()
      const ends: Ends = { source, target, catalog: await knownOf(source, some) }
      await eachOf(some, concurrency, signal, async (artifact) => {
        const isNew = there.get(artifact.folder)?.has(artifact.key) !== true && isFree?.(artifact) === true
        const outcome =
          (isNew ? await addArtifact(ends, artifact) : undefined) ??
          (await ifFree(target, { ...artifact, extension: null }, () => copyKnown(ends, artifact)))
        if (outcome === undefined) busy.push(artifact)
        else note(artifact, outcome)
      })
    }
    const catalog = await knownOf(source, busy)
    await eachOf(busy, 1, signal, async (artifact) => {
      const told = (holder: LeaseHolder): void => waiting?.(artifact, holder)
      const lease = await leaseUnlessStopped(target, artifact, signal, told)
      if (lease === undefined) return
      try {
        note(artifact, await copyKnown({ source, target, catalog }, artifact))
      } finally {
        await lease.release()
      }
    })
  } finally {
    await target.flush()
  }
  return { plan, outcomes, stopped: signal.aborted }
}

/** Who computes what is looked at for so many artifacts at once; few take a lease each. */
const lookedAtOnce = 1000
const enoughToLook = 10

/** Every key of a store that has data. */
export const everythingIn = async (store: WalkableStore): Promise<readonly Wanted[]> => {
  const found: Wanted[] = []
  for await (const { folder, key, names } of store.upkeep.walk())
    if (names.extensions.length > 0) found.push({ folder, key })
  return found
}

const leaseUnlessStopped = (
  target: Store,
  artifact: Wanted,
  signal: AbortSignal,
  waiting: (holder: LeaseHolder) => void,
): Promise<Awaited<ReturnType<Store['lease']>> | undefined> =>
  target.lease({ ...artifact, extension: null }, { signal, waiting }).catch((reason: unknown) => {
    if (signal.aborted) return undefined
    throw reason
  })

/** A few at once; the first error ends it, after those that are under way. */
const eachOf = async <A>(
  items: readonly A[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: A) => Promise<void>,
): Promise<void> => {
  const left = items[Symbol.iterator]()
  const failures: { readonly error: unknown }[] = []
  const worker = async (): Promise<void> => {
    for (const item of left) {
      if (signal.aborted || failures.length > 0) return
      await work(item).catch((error: unknown) => void failures.push({ error }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures[0] !== undefined) throw failures[0].error
}
