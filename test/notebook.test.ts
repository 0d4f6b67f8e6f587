// What a chain, a plan and a table say of themselves in Deno's Jupyter kernel, asked as that asks.
import * as t from 'io-ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tableOf } from '../src/data/index.js'
import { inMemory } from '../src/declare/format.js'
import { defineProject } from '../src/declare/project.js'
import { defineTask } from '../src/declare/task.js'
import { openChain } from '../src/open-chain.js'
import { mediaOfTable } from '../src/base/notebook.js'
import { shownPlan } from '../src/plan/inspect/shown-plan.js'

const folder = mkdtempSync(join(tmpdir(), 'taskchain-notebook-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As the kernel asks: by the symbol, and it waits for what it gets. */
const shown = async (value: object): Promise<Readonly<Record<string, string>>> => {
  const ask: unknown = Reflect.get(value, Symbol.for('Jupyter.display'))
  if (typeof ask !== 'function') throw new Error('it does not show itself')
  return (await Reflect.apply(ask, value, [])) as Readonly<Record<string, string>>
}
const hostile = '<img src=x onerror="alert(1)">|`*\n\u001b[31m\u202e'
const isHarmless = (media: Readonly<Record<string, string>>): void => {
  expect(media['text/html']).not.toMatch(/<img src=x|onerror="/)
  expect(media['text/markdown']).not.toMatch(/[<>`*]/)
  for (const text of Object.values(media)) {
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
  }
}

const rows = defineTask({ data: t.array(t.number) }).run(() => [1, 2])
const total = defineTask({ inputs: { rows }, params: { add: t.number }, data: inMemory<number>() }).run(
  ({ rows: [one = 0], add }) => one + add,
)
const project = defineProject({ root: folder, pipelines: { work: { rows, total } }, store: 'store' })

test('a chain shows its tasks, their states as they are by now, and a drawing', async () => {
  const chain = await openChain(project, { config: { tasks: 'work.*', add: 1 } })
  const before = await shown(chain)
  expect(before['text/plain']).toBe(
    `config: 2 nodes

task        state      inputs     format
work:rows   to run                json
work:total  in memory  work:rows  inMemory`,
  )
  await chain.run()
  expect((await shown(chain))['text/plain']).toContain('work:rows   cached ')
  const [, picture = ''] =
    /<img alt="[^"]*" src="data:image\/svg\+xml;base64,([^"]+)">/.exec(before['text/html'] ?? '') ?? []
  expect(Buffer.from(picture, 'base64').toString()).toContain('>total</text>')
  expect(before['text/html']).toContain('<td>work:rows</td>')
  expect(before['text/markdown']).toContain('| work:rows | to run |  | json |')
  expect(Object.keys(chain)).not.toContain('Symbol(Jupyter.display)')
  await chain.close()
})

test('a plan shows its tasks, and is the same data as before', async () => {
  const chain = await openChain(project, { config: { tasks: 'work.*', add: 1 } })
  const media = await shown(chain.plan)
  expect(media['text/plain']).toBe(
    `config: 2 nodes

task        inputs     format
work:rows              json
work:total  work:rows  inMemory`,
  )
  expect(structuredClone(chain.plan)).toEqual(chain.plan)
  await chain.close()
  const nodes = [{ ...chain.plan.nodes[0]!, id: hostile }]
  isHarmless(mediaOfTable(shownPlan({ ...chain.plan, config: hostile, nodes })))
})

test('a table shows its first rows, and what is in it is text', async () => {
  const media = await shown(
    tableOf(
      t.type({ n: t.number, text: t.string }),
      Array.from({ length: 50 }, (_, n) => ({ n, text: n === 0 ? hostile : 'x'.repeat(n * 10) })),
    ),
  )
  isHarmless(media)
  expect(media['text/plain']).toMatch(/^50 rows, 2 columns\n\nn {3}text/)
  expect(media['text/plain']).toMatch(/\n19 {2}x{190}\n\nand 30 more rows$/)
  expect(media['text/html']?.match(/<tr>/g)?.length).toBe(21)
})

test('a chain whose store cannot be read shows what is planned', async () => {
  writeFileSync(join(folder, 'file'), '')
  const chain = await openChain(project, { config: { tasks: 'work.*', add: 1 }, store: join(folder, 'file/store') })
  expect((await shown(chain))['text/plain']).toContain('work:total')
})
