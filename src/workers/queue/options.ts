/** What `bullmq` takes. */
export interface BullmqOptions {
  /** `redis://host:6379`, or `rediss://` for TLS; name and password in it. */
  readonly redis: string
  /** The queue that nodes go to. Default `default`. */
  readonly queue?: string
  /** What all names in Redis begin with. Default `taskchain`. */
  readonly prefix?: string
  /** Milliseconds after which jobs are looked at, since events may be missed. Default 5000. */
  readonly reconcile?: number
}
