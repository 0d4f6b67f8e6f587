import { expect, it } from 'vitest'
import { jobStanding } from '../../../src/workers/queue/job-standing.js'
import type { QueueJob } from '../../../src/workers/queue/libraries.js'

/** A queue of one job, in which a worker does something each time that the job was read. */
const queue = (steps: readonly Partial<QueueJob & { readonly state: string }>[]) => {
  let step = 0
  const at = (index: number) => steps[Math.min(index, steps.length - 1)]
  return {
    getJob: async (): Promise<QueueJob | undefined> => {
      const read = at(step++)
      if (read?.state === undefined) return undefined
      return {
        data: null,
        returnvalue: read.returnvalue ?? null,
        failedReason: read.failedReason ?? '',
        getState: async () => at(step)?.state ?? 'unknown',
        remove: async () => undefined,
        updateProgress: async () => undefined,
      }
    },
  }
}

it('a job that ends between two readings has its result', async () => {
  const done = { state: 'completed', returnvalue: { _tag: 'ended' } }
  const dead = { state: 'failed', failedReason: 'job stalled' }
  expect(await jobStanding(queue([{ state: 'active' }, done]), 'x')).toEqual({
    _tag: 'completed',
    value: done.returnvalue,
  })
  expect(await jobStanding(queue([{ state: 'active' }, dead]), 'x')).toEqual({ _tag: 'failed', reason: 'job stalled' })
})

it('one that is gone, also when it has just ended, is to be put again', async () => {
  expect(await jobStanding(queue([{}]), 'x')).toEqual({ _tag: 'gone' })
  expect(await jobStanding(queue([{ state: 'completed' }, {}]), 'x')).toEqual({ _tag: 'gone' })
})

it.each(['waiting', 'prioritized', 'delayed'])('one that is %s waits', async (state) => {
  expect(await jobStanding(queue([{ state }]), 'x')).toEqual({ _tag: 'waiting' })
})
