/**
 * Whether a holder on another host still lives, told from its heartbeat alone: from whether what it writes has changed
 * while we were looking on.
 * No clock of that host, of this one or of a disk is asked what time it is, since clocks differ and are set; spans are
 * counted by one that only grows.
 */
export interface LeaseWatch {
  /**
   * Whether something has stayed the same for so many milliseconds of our own watch that whoever should change it
   * counts as dead.
   * `mark` is another one after each beat. Whoever asks for the first time is told no.
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
