import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openChain } from 'taskchain'
import { fileStore } from 'taskchain/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import project from '../taskchain.config.js'
import { documents } from '../tasks/documents.js'
import { qualities, report } from '../tasks/report.js'
import { documentVectors } from '../tasks/vectors.js'

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/example-embeddings.md'), 'utf8')

let store: string
beforeEach(() => void (store = mkdtempSync(join(tmpdir(), 'taskchain-embeddings-'))))
afterEach(() => rmSync(store, { recursive: true }))

const open = (values: object) => openChain(project, { config: { tasks: 'embeddings:*', ...values }, store })
/** Every answer ever recorded, including failures. */
const asked = async (): Promise<number> => {
  const lines = await fileStore(store).items?.lines({ folder: 'embeddings/document_vectors', name: 'items' }, 'all')
  return Array.from(lines ?? []).filter(({ kind }) => kind === 'kept' || kind === 'failed').length
}

test('the report is the one of the page; vectors find threads far better than chance', async () => {
  const chain = await open({ of_mails: 500 })
  const [, expected] = /```text\n(\d+ documents, \d+ words[^]*?)\n```/.exec(page) ?? []
  expect(await chain.value(report)).toBe(expected)
  const [chance, , vectors] = await chain.value(qualities)
  expect(vectors?.thread).toBeGreaterThan(10 * (chance?.thread ?? 1))
  await chain.close()
})

test('one text that is too long costs its batch nothing but time, and what was given is not asked for again', async () => {
  const few = { of_mails: 300, rank: 10, most_words: 500 }
  const chain = await open({ ...few, letters: 1e6 })
  const vectors = await chain.value(documentVectors)
  const long = (await chain.value(documents)).filter(({ text }) => text.length > 8000).length
  expect([long > 0, vectors.filter((vector) => vector.length === 0).length]).toEqual([true, long])
  expect(await asked()).toBe(vectors.length)
  await chain.close()
  const cut = await open({ ...few, letters: 8000 })
  expect((await cut.value(documentVectors)).filter((vector) => vector.length === 0)).toEqual([])
  expect(await asked()).toBe(vectors.length + long)
  await cut.close()
})
