import { readPeriod, type Refresh } from '../../declare/refresh.js'

/** Times in milliseconds since 1970: when the session was opened, and now. */
export interface Moment {
  readonly opened: number
  readonly now: number
}

/**
 * When a result that ended at this time is due to be computed again: at once, if that is not later than now; undefined
 * if not in this session. A result from the future, by a wrong clock, is trusted no longer than one that ends now.
 *
 * @example
 * dueAt({ after: '1 day' }, 0, { opened: 0, now: 1000 }) // => 86_400_000
 * dueAt('always', 0, { opened: 500, now: 1000 }) // => 500
 */
export const dueAt = (refresh: Refresh, ended: number, { opened, now }: Moment): number | undefined => {
  if (!Number.isFinite(ended)) return now
  if (refresh === 'always') return ended < opened ? opened : ended > now ? now : undefined
  const period = readPeriod(refresh.after)
  if ('problem' in period) return undefined // planning has refused it
  return ended - now > period.milliseconds ? now : ended + period.milliseconds
}
