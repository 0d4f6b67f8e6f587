import type { Lease } from '../ports/lease.js'

/**
 * By session, attempts that ignored a request to stop and may still write to the folder of their checkpoint. The folder
 * has a fixed name and belongs to them until they end: neither the next attempt nor another process (the lease is held
 * as long) may use it meanwhile.
 */
const running = new WeakMap<object, Map<string, Promise<void>>>()

/** Remembers an attempt by the key of its node until it ends. */
export const leaveRunning = (session: object, key: string, attempt: Promise<unknown>): void => {
  const known = running.get(session) ?? new Map<string, Promise<void>>()
  running.set(session, known)
  const end = (): void => {
    if (known.get(key) === ended) known.delete(key)
  }
  const ended: Promise<void> = attempt.then(end, end)
  known.set(key, ended)
}

/** Resolves when an attempt that the session could not stop has ended; undefined if there is none. */
export const stillRunning = (session: object, key: string): Promise<void> | undefined => running.get(session)?.get(key)

/** Releases a lease: at once, or when an attempt that could not be stopped under it has ended. */
export const giveBack = (session: object, key: string, lease: Lease): Promise<void> => {
  const running = stillRunning(session, key)
  const release = (): Promise<void> => lease.release().catch(() => undefined)
  if (running === undefined) return release()
  void running.then(release)
  return Promise.resolve()
}
