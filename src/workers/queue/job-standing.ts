import type { JobQueue } from './libraries.js'

/** What a queue says of a job just now. */
export type JobStanding =
  | { readonly _tag: 'gone' | 'active' | 'waiting' }
  | { readonly _tag: 'completed'; readonly value: unknown }
  | { readonly _tag: 'failed'; readonly reason: string }

/** A job is read again once it has ended: what was read before does not have its result. */
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
