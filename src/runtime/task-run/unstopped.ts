import type { Lease } from '../ports/lease.js'

/**
 * Attempts that were told to stop, did not, and may still write to the folder of their checkpoint. It has one name, so
 * it stays theirs until they end: nobody else goes on in it meanwhile, neither the next attempt nor, since the lease is
 * kept for as long, another process. By session.
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

/** Resolves when the attempt has ended that a session could not stop; undefined where there is none. */
export const stillRunning = (session: object, key: string): Promise<void> | undefined => running.get(session)?.get(key)

/** Gives a lease back: at once, or when the attempt has ended that could not be stopped under it. */
export const giveBack = (session: object, key: string, lease: Lease): Promise<void> => {
  const running = stillRunning(session, key)
  const release = (): Promise<void> => lease.release().catch(() => undefined)
  if (running === undefined) return release()
  void running.then(release)
  return Promise.resolve()
}
