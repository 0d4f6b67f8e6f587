import * as t from 'io-ts'

/** A mail as people see it, with its labels. */
export interface Mail {
  readonly id: string
  /** Group of the corpus: `easy-ham-1`, …, `spam-2`. */
  readonly group: string
  readonly spam: boolean
  readonly kind: string
  readonly subject: string
  readonly text: string
}
export const Mail: t.Type<Mail> = t.type(
  { id: t.string, group: t.string, spam: t.boolean, kind: t.string, subject: t.string, text: t.string },
  'Mail',
)
