// What docs/items.md says is so.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import { writtenPage } from '../../cli/docs-page.js'
import { taskchain, write } from '../../cli/fixture.js'

const { folder, textOf } = writtenPage('items.md')

test('the second run asks for nothing, and the commands say what they show', async () => {
  let last = ''
  for (const line of textOf('sh').trim().split('\n')) {
    const { code, out } = await taskchain(folder(), line.split(' ').slice(2))
    expect([line, code]).toEqual([line, 0])
    last = out
  }
  for (const line of textOf('text').trim().split('\n')) expect(last).toContain(line)
  const info = await taskchain(folder(), ['info', 'judge', 'answers', '--set', 'style=loud', '--json'])
  expect(JSON.parse(info.out)).toMatchObject({ info: { log: [{ items: 'items', kept: 6, computed: 0, attempts: 0 }] } })
  const { out } = await taskchain(folder(), ['info', 'judge', 'answers'])
  expect(out).toContain('# items: cost 0.016, tokens 160 in this run; cost 0.016, tokens 160 in all runs of the task\n')
})

test('items are listed, and forgotten only when that is said twice', async () => {
  const listed = await taskchain(folder(), ['items', 'answers', '--json'])
  expect(JSON.parse(listed.out)).toMatchObject({
    sets: [{ name: 'judge:answers', kept: 6, failed: 0, usage: { tokens: 160 } }],
    items: expect.arrayContaining([
      expect.objectContaining({
        kind: 'kept',
        attempts: 3,
        value: { text: 'the answer to question 3', finish: 'stop' },
      }),
    ]) as unknown,
  })
  expect(await taskchain(folder(), ['items', 'nothing'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('judge:answers') as unknown,
  })
  expect((await taskchain(folder(), ['items', 'judge:answers', '--remove'])).out).toContain('nothing was removed')
  expect((await taskchain(folder(), ['items', 'judge:answers', '--remove', '--yes'])).out).toMatch(
    /6 results, .*cost 0\.016, tokens 160\nremoved/,
  )
  expect((await taskchain(folder(), ['items'])).out).toBe('no items are kept\n')
})

test('one item is forgotten by its key, and asked for again alone', async () => {
  await taskchain(folder(), ['run', 'judge', '--set', 'style=kept'])
  const { items } = JSON.parse((await taskchain(folder(), ['items', 'answers', '--json'])).out) as {
    readonly items: readonly { readonly key: string }[]
  }
  const [{ key } = { key: '' }] = items
  const remove = (...words: string[]) => taskchain(folder(), ['items', 'answers', '--remove', '--key', ...words])
  expect((await remove(key.slice(0, 12))).out).toContain('nothing was removed')
  expect((await remove(key.slice(0, 12), '--yes')).out).toMatch(/^kept .*question \d .*\nremoved\n$/)
  expect(await remove(key, '--yes')).toMatchObject({ code: 3, err: expect.stringContaining('no stored item has') })
  expect((await taskchain(folder(), ['items'])).out).toContain('judge:answers: 5 kept')
  await taskchain(folder(), ['run', 'judge', '--set', 'style=new'])
  expect((await taskchain(folder(), ['items'])).out).toMatch(/judge:answers: 6 kept, .*cost 0\.018/)
  await taskchain(folder(), ['items', 'answers', '--remove', '--yes'])
})

test('a store with items is whole, and nothing of them is collected', async () => {
  await taskchain(folder(), ['run', 'judge', '--set', 'style=quiet'])
  expect((await taskchain(folder(), ['verify'])).code).toBe(0)
  expect((await taskchain(folder(), ['gc', '--yes'])).code).toBe(0)
  expect((await taskchain(folder(), ['items'])).out).toContain('judge:answers: 6 kept')
})

test('what earlier attempts have cost counts, though others have replaced them', async () => {
  await taskchain(folder(), ['run', 'judge', '--set', 'style=quiet'])
  const { items: kept } = fileStore(join(folder(), 'data/tasks'))
  const set = { folder: 'judge/answers', name: 'items' }
  const [one] = (await kept?.lines(set)) ?? []
  const log = await kept?.open(set)
  log?.append({ ...one!, kind: 'failed', at: 1, text: '{"schema":1,"problem":"busy","usage":{"cost":0.5}}' })
  await log?.close()
  expect((await taskchain(folder(), ['items'])).out).toMatch(/judge:answers: 6 kept, .*cost 0\.516, tokens 160/)
})

test('a plan says how many items are to do and what they cost, from a run that was stopped', async () => {
  const limited = ['judge', '--set', 'limit=0.01', '--set', 'model=large']
  const stopped = await taskchain(folder(), ['run', ...limited])
  expect(stopped.err + stopped.out).toContain('0.01 spent so far; 4 results are kept, another run continues from there')
  const planned = await taskchain(folder(), ['plan', ...limited])
  const [said] = /judge:answers: 2 of 6 items to do.*/.exec(textOf('console')) ?? []
  expect(planned.out).toContain(said)
  const { out } = await taskchain(folder(), ['plan', ...limited, '--json'])
  const { nodes } = JSON.parse(out) as { readonly nodes: readonly object[] }
  const items = [{ name: 'items', known: 'run', items: 6, toDo: 2, atLeast: false }]
  expect(nodes).toMatchObject([{}, { id: 'judge:answers', items }])
  const other = await taskchain(folder(), ['plan', 'judge', '--set', 'model=other', '--set', 'limit=0.01'])
  expect(other.out).toContain('2 of 6 items to do, about cost 0.005, tokens 50 if they are those of the last run')
})

test('items go to another store and back, once', async () => {
  const elsewhere = join(folder(), 'elsewhere')
  const outputs: string[] = []
  for (const words of [
    ['push', elsewhere],
    ['push', 'judge', elsewhere],
    ['items', '--remove', 'answers', '--yes'],
    ['pull', elsewhere],
  ])
    outputs.push((await taskchain(folder(), words)).out)
  expect(outputs[0]).toContain('items: 12 of judge:answers\n') // a failure of before as well
  expect(outputs[1]).toContain('items: nothing new; 12 were there already')
  expect(outputs[3]).toContain('items: 12 of judge:answers')
  expect((await taskchain(folder(), ['items'])).out).toMatch(/judge:answers: 10 kept, .*cost 0\.526/)
})

test('why says what is kept of the items; verify finds what was changed', async () => {
  expect((await taskchain(folder(), ['why', 'judge', 'answers', '--set', 'style=new'])).out).toContain(
    'items: 10 kept; 1 failed',
  )
  expect((await taskchain(folder(), ['verify'])).out).toContain('11 items read')
  const set = join(folder(), 'data/tasks/.items/judge/answers/items.set')
  const [name = ''] = readdirSync(set).filter((one) => one.endsWith('.items'))
  const text = readFileSync(join(set, name), 'utf8')
  writeFileSync(join(set, name), text.replace('the answer to question 5', 'the answer to question 6'))
  const { code, out } = await taskchain(folder(), ['verify'])
  expect([code, out]).toEqual([1, expect.stringContaining('judge:answers: 1 line of items')])
  writeFileSync(join(set, name), text)
})

test('gc says what items of a task that is gone have cost, and drops them only when asked by name', async () => {
  write(folder(), {
    'small.config.js': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
const one = defineTask({ data: t.number }).run(() => 1)
export default defineProject({ configs: 'small', pipelines: { other: { one } } })
`,
    'small/one.yaml': 'tasks: [other:*]\n',
  })
  const gc = async (...words: string[]): Promise<string> =>
    (await taskchain(folder(), ['gc', '--project', 'small.config.js', ...words])).out
  expect(await gc('--yes')).toMatch(/no config reaches stay: .*\n  judge:answers: 10 results, .*cost 0\.526/)
  expect((await taskchain(folder(), ['items'])).out).toContain('10 kept')
  expect(await gc('--items', '--yes')).toContain('items of 1 task moved to the trash')
  expect((await taskchain(folder(), ['items'])).out).toBe('no items are kept\n')
  expect(await gc('--purge')).toContain('trash')
})
