import * as t from 'io-ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import * as project from '../../dist/index.js' // the built library: another copy than the one that plans and runs
import { openChain } from '../../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'two-copies-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const Ridge = project
  .defineObject('Ridge', { args: { l2: project.param(t.number, { default: 1 }), data: project.file } })
  .create(({ l2, data }) => ({ told: `${l2} of ${data}` }))

const fitted = project
  .defineTask({ params: { model: project.object(Ridge) }, data: t.string })
  .run(({ model }) => model.told)

test('classes and files that another copy of the library declares are planned, keyed and made by this one', async () => {
  writeFileSync(join(root, 'votes.csv'), 'one')
  const declared = project.defineProject({ pipelines: { fits: { fitted } }, root, configs: 'configs' })
  const told = async (): Promise<readonly [string, unknown]> => {
    const config = { tasks: 'fits.*', model: { class: 'Ridge', kwargs: { l2: 0.5, data: 'votes.csv' } } }
    const chain = await openChain(declared, { config })
    try {
      return [chain.task('fits:fitted').key, await chain.value('fits:fitted')]
    } finally {
      await chain.close()
    }
  }
  const [key, value] = await told()
  expect(value).toBe(`0.5 of ${join(root, 'votes.csv')}`)
  writeFileSync(join(root, 'votes.csv'), 'another content')
  expect((await told())[0]).not.toBe(key)
})

test('copies of the library share no global state', () => {
  const symbols = Object.getOwnPropertySymbols(globalThis).map(String)
  expect(symbols.filter((symbol) => symbol.includes('taskchain'))).toEqual([])
})
