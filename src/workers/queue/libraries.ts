/** The parts of BullMQ and ioredis that are used; these may not be installed, so published types name neither. */

export interface RedisConnection {
  /** `ready` while the server is connected. */
  readonly status: string
  connect(): Promise<unknown>
  info(): Promise<string>
  select(database: number): Promise<unknown>
  time(): Promise<readonly (number | string)[]>
  get(key: string): Promise<string | null>
  set(key: string, text: string, how: 'EX', seconds: number): Promise<unknown>
  /** Calls a script by its SHA-1. `words`: its keys, and then what else it is given. */
  evalsha(digest: string, keys: number, ...words: (string | number)[]): Promise<unknown>
  eval(script: string, keys: number, ...words: (string | number)[]): Promise<unknown>
  srem(key: string, member: string): Promise<number>
  scard(key: string): Promise<number>
  zadd(key: string, score: number, member: string): Promise<unknown>
  zrem(key: string, member: string): Promise<number>
  zcount(key: string, from: number, to: string): Promise<number>
  publish(channel: string, message: string): Promise<number>
  subscribe(channel: string): Promise<unknown>
  on(event: string, listener: (...said: never[]) => void): unknown
  duplicate(): RedisConnection
  /** Entries of streams after an id; null if there are none for a while. */
  xread(...words: (string | number)[]): Promise<readonly StreamEntries[] | null>
  /** `again`: it connects anew. */
  disconnect(again?: boolean): void
}

type StreamEntries = readonly [stream: string, entries: readonly (readonly [id: string, fields: readonly string[]])[]]

export interface QueueJob {
  readonly id?: string | undefined
  readonly data: unknown
  readonly returnvalue: unknown
  readonly failedReason: string
  getState(): Promise<string>
  remove(): Promise<void>
  updateProgress(progress: object): Promise<void>
}

/** A job to be put into a queue. */
export interface PutJob {
  readonly name: string
  readonly data: object
  readonly opts: object
}

export interface JobQueue {
  readonly name: string
  /** Redis key of a job. */
  toKey(id: string): string
  getJob(id: string): Promise<QueueJob | undefined>
  addBulk(jobs: PutJob[]): Promise<readonly unknown[]>
  on(event: 'error', listener: () => void): unknown
  close(): Promise<void>
}

export interface JobWorker {
  on(event: 'error', listener: (problem: unknown) => void): unknown
  close(): Promise<void>
}

export interface QueueLibrary {
  readonly queue: (name: string, options: object) => JobQueue
  readonly worker: (name: string, process: (job: QueueJob) => Promise<unknown>, options: object) => JobWorker
  readonly redis: (url: string, options: object) => RedisConnection
}
