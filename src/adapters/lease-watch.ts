/**
 * Whether a holder on another host still lives, told from its heartbeat alone: no clock of this host and none of that one is asked,
 * since clocks differ and are set. Times are those that the store's disk has put on files, and spans are counted by a clock that only grows.
 */
export interface LeaseWatch {
  /** Whether a lease has gone without a beat for so long that its holder counts as dead. `mark` is another one after each beat. */
  isDead(path: string, mark: string, seen: Seen): boolean
  /** Forgets a lease that is free, or ours. */
  forget(path: string): void
}

export interface Seen {
  /** When the disk says that the lease was touched. */
  readonly touched: number
  /** Milliseconds that a living holder may let pass between two beats, as the holder says. */
  readonly every: number
  /** Longest silence of a living holder, in milliseconds. */
  readonly limit: number
  /** What time it is by the disk; undefined where it cannot be asked. Asked once a beat. */
  readonly diskTime: () => number | undefined
}

/** After so many beats left out in a row, while we were looking on, a lease that is old enough is given up. */
const beatsLeftOut = 3

export const leaseWatch = (elapsed: () => number = () => performance.now()): LeaseWatch => {
  const watched = new Map<string, { readonly mark: string; readonly since: number; readonly age: number }>()
  return {
    isDead: (path, mark, { touched, every, limit, diskTime }) => {
      let known = watched.get(path)
      if (known?.mark !== mark) {
        known = { mark, since: elapsed(), age: Math.max(0, (diskTime() ?? touched) - touched) }
        watched.set(path, known)
      }
      const watchedFor = elapsed() - known.since
      // The age alone is not enough: the disk's clock may have been set forward. Nor is it needed: that clock may have been set back.
      return watchedFor >= limit || (known.age + watchedFor >= limit && watchedFor >= Math.min(limit, beatsLeftOut * every))
    },
    forget: (path) => void watched.delete(path),
  }
}
