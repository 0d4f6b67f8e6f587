import { eachOf } from '../../../base/each-of.js'
import type { LeaseHolder } from '../../ports/lease.js'
import type { SmallResult, Store } from '../../ports/store.js'
import { ifFree } from '../../ports/if-free.js'
import { comparedWithTarget, copyKnown, knownOf, readSmall, type Copied, type Ends } from './copy-artifact.js'
import type { Wanted } from './transfer-plan.js'

/** How artifacts that the other store lacks are sent, and how this is reported. */
export interface Sending {
  readonly source: Store
  readonly target: Store
  readonly concurrency: number
  readonly signal: AbortSignal
  /** Whether the other store has nothing under its key, not even a mark. */
  readonly isNew: (artifact: Wanted) => boolean
  readonly note: (artifact: Wanted, outcome: Copied) => void
  readonly waiting: (artifact: Wanted, holder: LeaseHolder) => void
}

/** How many artifacts are added together, while others are read; below `enoughToAdd` each one takes a lease. */
const addedAtOnce = 1000
const maxUnderWay = 3
const enoughToAdd = 10

/** Sends artifacts that no other process is writing there; resolves with the rest. */
export const sendFree = async (sending: Sending, artifacts: readonly Wanted[]): Promise<readonly Wanted[]> => {
  const { source, target, concurrency, signal, isNew } = sending
  const busy: Wanted[] = []
  const most = artifacts.length < enoughToAdd ? undefined : target.adding?.most
  const sorted = target.adding === undefined ? artifacts : artifacts.toSorted(byFolder)
  const underWay: Promise<void>[] = []
  try {
    for (let at = 0; at < sorted.length && !signal.aborted; at += addedAtOnce) {
      const some = sorted.slice(at, at + addedAtOnce)
      const ends: Ends = { source, target, catalog: await knownOf(source, some) }
      const small = new Map<Wanted, SmallResult | undefined>(some.map((artifact) => [artifact, undefined]))
      await eachOf(some, concurrency, signal, async (artifact) => {
        const one = most !== undefined && isNew(artifact) ? await readSmall(ends, artifact, most) : undefined
        if (one === undefined) await sendOne(sending, ends, artifact, busy)
        small.set(artifact, one)
      })
      if (underWay.length >= maxUnderWay) await underWay.shift()
      underWay.push(addSmall(sending, ends, small, busy))
      underWay.at(-1)?.catch(() => undefined) // reported where it is awaited
    }
    await Promise.all(underWay)
  } finally {
    await Promise.allSettled(underWay)
  }
  return busy
}

const byFolder = (left: Wanted, right: Wanted): number =>
  left.folder < right.folder ? -1 : left.folder > right.folder ? 1 : 0

const sendOne = async ({ target, note }: Sending, ends: Ends, artifact: Wanted, busy: Wanted[]): Promise<void> => {
  const outcome = await ifFree(target, { ...artifact, extension: null }, () => copyKnown(ends, artifact))
  if (outcome === undefined) busy.push(artifact)
  else note(artifact, outcome)
}

const addSmall = async (
  sending: Sending,
  ends: Ends,
  read: ReadonlyMap<Wanted, SmallResult | undefined>,
  busy: Wanted[],
): Promise<void> => {
  const { target, signal, concurrency, note, waiting } = sending
  const small = [...read].flatMap(([artifact, one]) => (one === undefined ? [] : [[artifact, one] as const]))
  const [first] = small
  if (first === undefined || signal.aborted) return
  const onWaiting = (holder: LeaseHolder): void => waiting(first[0], holder)
  const results = small.map(([, one]) => one)
  const added = await unlessStopped(signal, target.adding?.add(results, { signal, waiting: onWaiting }))
  const left = small.filter(([, one]) => added?.has(one) !== true)
  for (const [artifact, one] of small)
    if (added?.has(one) === true) note(artifact, { _tag: 'copied', bytes: one.bytes.length })
  await eachOf(left, concurrency, signal, async ([artifact, one]) => {
    const outcome = await comparedWithTarget(ends, one)
    if (outcome === undefined) await sendOne(sending, ends, artifact, busy)
    else note(artifact, outcome)
  })
}

/** Sends artifacts that others were writing there, after they have ended. */
export const sendBusy = async (
  { source, target, signal, note, waiting }: Sending,
  artifacts: readonly Wanted[],
): Promise<void> => {
  const catalog = await knownOf(source, artifacts)
  await eachOf(artifacts, 1, signal, async (artifact) => {
    const onWaiting = (holder: LeaseHolder): void => waiting(artifact, holder)
    const lease = await unlessStopped(
      signal,
      target.lease({ ...artifact, extension: null }, { signal, waiting: onWaiting }),
    )
    if (lease === undefined) return
    try {
      note(artifact, await copyKnown({ source, target, catalog }, artifact))
    } finally {
      await lease.release()
    }
  })
}

const unlessStopped = async <A>(signal: AbortSignal, work: Promise<A> | undefined): Promise<A | undefined> => {
  try {
    return await work
  } catch (reason) {
    if (signal.aborted) return undefined
    throw reason
  }
}
