import * as t from 'io-ts'

/** A classification of a mail. */
export interface Verdict {
  readonly id: string
  readonly spam: boolean
}
export const Verdict: t.Type<Verdict> = t.type({ id: t.string, spam: t.boolean }, 'Verdict')
