import type { JobQueue } from './libraries.js'

/** Present state of a job in a queue. */
export type JobStanding =
  | { readonly _tag: 'gone' | 'active' | 'waiting' }
  | { readonly _tag: 'completed'; readonly value: unknown }
  | { readonly _tag: 'failed'; readonly reason: string }

/** Reads a job again once it has ended: earlier data does not contain its result. */
export const jobStanding = async (queue: Pick<JobQueue, 'getJob'>, id: string): Promise<JobStanding> => {
  const state = await (await queue.getJob(id))?.getState()
  if (state === 'active') return { _tag: 'active' }
  if (state !== 'completed' && state !== 'failed')
    return { _tag: state === undefined || state === 'unknown' ? 'gone' : 'waiting' }
  const ended = await queue.getJob(id)
  if (ended === undefined) return { _tag: 'gone' }
  return state === 'completed'
    ? { _tag: 'completed', value: ended.returnvalue }
    : { _tag: 'failed', reason: ended.failedReason }
}
