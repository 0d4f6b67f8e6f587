import { readText, type FileSystem } from './file-system.js'
import type { ProcessIdentity } from './process-identity.js'

/** What a lease says of its holder, in the holder's own words. */
export interface Owner extends ProcessIdentity {
  /** Milliseconds between its beats. */
  readonly every: number
}

/** No holder is believed to beat more rarely. */
const longestEvery = 10 * 60_000
/** A lease is a line; what is larger is none. */
const mostBytes = 10_000

/** Who a lease says that its holder is; undefined for what is none of ours, and where there is nothing. */
export const readOwner = (fs: FileSystem, path: string): Owner | undefined => {
  try {
    const text = readText(fs, path, mostBytes)
    const { pid, start, thread, host, machine, boot, space, id, every } = JSON.parse(text ?? '') as Partial<Record<keyof Owner, unknown>>
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof space !== 'string' || typeof id !== 'string' || !/^[0-9a-f]{1,64}$/.test(id)) return undefined
    return {
      pid,
      host,
      space,
      id,
      start: textOrNull(start),
      thread: typeof thread === 'string' && /^\d{1,10}-\d{1,20}$/.test(thread) ? thread : null,
      machine: textOrNull(machine),
      boot: textOrNull(boot),
      every: typeof every === 'number' && every >= 0 ? Math.min(every, longestEvery) : 0,
    }
  } catch {
    return undefined
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
