/** Options of `bullmq`. */
export interface BullmqOptions {
  /** `redis://host:6379`, or `rediss://` for TLS; may contain name and password. */
  readonly redis: string
  /** The queue for nodes. Default `default`. */
  readonly queue?: string
  /** Prefix of all names in Redis. Default `taskchain`. */
  readonly prefix?: string
  /** Milliseconds between checks of jobs, since events may be missed. Default 5000. */
  readonly reconcile?: number
}
