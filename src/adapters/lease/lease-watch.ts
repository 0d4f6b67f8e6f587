/**
 * Decides whether a holder on another host is still alive, from its heartbeat alone: whether its record has changed
 * while we watched.
 * No wall clock is used, neither of a host nor of a disk, since clocks differ and are adjusted; durations come from a
 * monotonic clock.
 */
export interface LeaseWatch {
  /**
   * Whether `mark`, which changes with each beat, has stayed the same for `limit` milliseconds of our own observation,
   * so that its holder counts as dead. The first call returns false.
   */
  isSilent(what: string, mark: string, limit: number): boolean
}

export const leaseWatch = (elapsed: () => number = () => performance.now()): LeaseWatch => {
  const watched = new Map<string, { readonly mark: string; readonly since: number }>()
  return {
    isSilent: (what, mark, limit) => {
      const known = watched.get(what)
      if (known?.mark === mark) return elapsed() - known.since >= limit
      watched.set(what, { mark, since: elapsed() })
      return false
    },
  }
}
