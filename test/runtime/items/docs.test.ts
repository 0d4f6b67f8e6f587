// What docs/items.md says is so.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import { writtenPage } from '../../cli/docs-page.js'
import { taskchain } from '../../cli/fixture.js'

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
  expect(stopped.err + stopped.out).toContain('0.01 were spent; 4 results are kept, another run goes on from there')
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
