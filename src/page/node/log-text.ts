import type { LogAnswer, Trouble } from '../../ui/contract.js'

/** The part of a growing log that the page keeps: its end, up to a limit. */
export interface Held {
  readonly text?: string
  /** Number of earlier bytes that are not kept. */
  readonly cut: number
  readonly next?: number
  readonly growing: boolean
  readonly errors?: readonly Trouble[]
}

const most = 400_000

/** Appends a piece; a log that has become shorter belongs to another run, so it starts over. */
export const nextHeld = (held: Held, { offset, next, size, text, growing }: LogAnswer): Held => {
  const anew = held.next === undefined || size < held.next || offset !== held.next
  const [all, start] = anew ? [text, offset] : [(held.text ?? '') + text, held.cut]
  const surplus = Math.max(0, all.length - most)
  const from = surplus === 0 ? 0 : Math.max(all.indexOf('\n', surplus) + 1, surplus)
  return { text: all.slice(from), cut: start + from, next: size < (held.next ?? 0) ? 0 : next, growing }
}
