/** Names in Redis. All of them begin with one prefix, so that several projects can share a server. */

/** Generation of a missing artifact. */
export const noGeneration = 'none'

/**
 * A job is identified by a key and the generation that it replaces: two runs that need the same share it, and a later
 * recomputation is a different job. BullMQ allows neither colons nor plain numbers.
 */
export const jobIdOf = (key: string, replaces: string): string => `n-${key}-${replaces}`

export const planAt = (prefix: string, digest: string): string => `${prefix}:plan:${digest}`
/** Runs that wait for a job. */
export const wantedAt = (prefix: string, jobId: string): string => `${prefix}:wanted:${jobId}`
/** Workers of a queue, scored by their last announcement, in seconds of the server's clock. */
export const workersAt = (prefix: string, queue: string): string => `${prefix}:workers:${queue}`
/** Ids of jobs that no run waits for any more. */
export const cancelledOn = (prefix: string): string => `${prefix}:cancelled`

/** A server's URL for messages, without password or anything that may be part of one. */
export const shownUrl = (url: string): string => {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${/^\/\d+$/.test(pathname) ? pathname : ''}`
  } catch {
    return 'that URL'
  }
}
