/** What things are called in Redis. Everything begins with one prefix, so that several projects share a server. */

/** Of an artifact that is not there. */
export const noGeneration = 'none'

/**
 * A job is a key and the generation that it is to replace: two runs that want the same share it, and what is wanted
 * anew is not what was done before. No colon and no plain number: BullMQ takes neither.
 */
export const jobIdOf = (key: string, replaces: string): string => `n-${key}-${replaces}`

export const planAt = (prefix: string, digest: string): string => `${prefix}:plan:${digest}`
/** Runs that wait for a job. */
export const wantedAt = (prefix: string, jobId: string): string => `${prefix}:wanted:${jobId}`
/** Workers of a queue, by when they were last heard of, in seconds of the server's clock. */
export const workersAt = (prefix: string, queue: string): string => `${prefix}:workers:${queue}`
/** Ids of jobs that nobody waits for any more. */
export const cancelledOn = (prefix: string): string => `${prefix}:cancelled`

/** A server for people: without its password, nor what may be part of one. */
export const shownUrl = (url: string): string => {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${/^\/\d+$/.test(pathname) ? pathname : ''}`
  } catch {
    return 'that URL'
  }
}
