import * as t from 'io-ts'
import type { Mail } from './mail/mail.js'
import type { Verdict } from './verdict.js'

/** How well one category of mails is classified; null if there are no mails to judge. */
export interface Quality {
  readonly judge: string
  readonly category: string
  readonly mails: number
  readonly right: number
  /** Share of mails classified as spam that are spam (precision). */
  readonly precision: number | null
  /** Share of spam that was classified as spam (recall). */
  readonly recall: number | null
}
const share = t.union([t.number, t.null])
export const Quality: t.Type<Quality> = t.type(
  { judge: t.string, category: t.string, mails: t.number, right: t.number, precision: share, recall: share },
  'Quality',
)

/** For all mails, for each mail format, and for each group of the corpus. */
export const qualitiesOf = (
  judge: string,
  mails: readonly Mail[],
  verdicts: readonly Verdict[],
): readonly Quality[] => {
  const calledSpam = new Set(verdicts.flatMap(({ id, spam }) => (spam ? [id] : [])))
  return Array.from(categoriesOf(mails), ([category, members]) => {
    const blamed = members.filter(({ id }) => calledSpam.has(id)).length
    const spam = members.filter((mail) => mail.spam)
    const found = spam.filter(({ id }) => calledSpam.has(id)).length
    return {
      judge,
      category,
      mails: members.length,
      right: (members.length - spam.length - blamed + 2 * found) / members.length,
      precision: blamed === 0 ? null : found / blamed,
      recall: spam.length === 0 ? null : found / spam.length,
    }
  })
}

const categoriesOf = (mails: readonly Mail[]): ReadonlyMap<string, readonly Mail[]> => {
  const found = new Map<string, Mail[]>([['all', []]])
  const names = [...new Set(mails.map(({ kind }) => kind)), ...new Set(mails.map(({ group }) => group))]
  for (const name of names) found.set(name, [])
  for (const mail of mails) for (const name of ['all', mail.kind, mail.group]) found.get(name)?.push(mail)
  return found
}
