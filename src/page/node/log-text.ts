import type { LogAnswer, Trouble } from '../../ui/contract.js'

/** What a page holds of a log that grows: its end, bounded. */
export interface Held {
  readonly text?: string
  /** Bytes before it that are not held. */
  readonly cut: number
  readonly next?: number
  readonly growing: boolean
  readonly errors?: readonly Trouble[]
}

const most = 400_000

/** With another piece; a log that has become shorter is another run's, and begins anew. */
export const nextHeld = (held: Held, { offset, next, size, text, growing }: LogAnswer): Held => {
  const anew = held.next === undefined || size < held.next || offset !== held.next
  const [all, start] = anew ? [text, offset] : [(held.text ?? '') + text, held.cut]
  const surplus = Math.max(0, all.length - most)
  const from = surplus === 0 ? 0 : Math.max(all.indexOf('\n', surplus) + 1, surplus)
  return { text: all.slice(from), cut: start + from, next: size < (held.next ?? 0) ? 0 : next, growing }
}
