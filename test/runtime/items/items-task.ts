import { memoryItems } from '../../../src/adapters/memory-store/memory-items.js'
import { makeMapItems, type MapItemsParts } from '../../../src/runtime/items/map-items.js'
import { codeFingerprint, isOtherCode } from '../../../src/runtime/code-drift/code-fingerprint.js'
import { manualClock, type ManualClock } from '../manual-clock.js'

/** A task that has items, over a store and a clock that the test has in hand. */
export const itemsTask = (more: Partial<MapItemsParts> = {}) => {
  const clock = manualClock()
  const notes: unknown[] = []
  const warnings: string[] = []
  const said: string[] = []
  const progress: (readonly [number, number | undefined])[] = []
  const parts: MapItemsParts = {
    items: memoryItems(),
    location: 'memory',
    folder: 'shop/scored',
    task: 'shop:scored',
    key: 'key of the result',
    clock,
    signal: new AbortController().signal,
    codeOf: codeFingerprint,
    isOtherCode,
    onCodeChange: 'warn',
    mask: (text) => text,
    progress: (done, total) => void progress.push([done, total]),
    note: (record) => void notes.push(record),
    warn: (message) => void warnings.push(message),
    info: (message) => void said.push(message),
    ...more,
  }
  return { mapItems: makeMapItems(parts), clock, notes, warnings, said, progress, parts }
}

/** Lets time pass until a promise has ended. */
export const during = async <A>(clock: ManualClock, work: Promise<A>, step = 1000): Promise<A> => {
  let hasEnded = false
  const end = (): void => {
    hasEnded = true
  }
  work.then(end, end)
  while (!hasEnded) await clock.advance(step)
  return work
}
