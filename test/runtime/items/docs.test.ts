// What docs/items.md says is so.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../../build-once.js'
import { emptyFolder, remove, root, taskchain, write } from '../../cli/fixture.js'

const page = readFileSync(join(root, 'docs/items.md'), 'utf8')
const fences = [...page.matchAll(/^```(\w+)(?: file=(\S+))?\n([^]*?)^```$/gm)].map(
  ([, language = '', file, text = '']) => ({ language, file, text }),
)
const textOf = (language: string): string => fences.find((fence) => fence.language === language)?.text ?? 'none'

let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  write(folder, { 'package.json': '{ "type": "module" }' })
  for (const { file, text } of fences) if (file !== undefined) write(folder, { [file]: text })
}, 120_000)
afterAll(() => remove(folder))

test('the second run asks for nothing, and the commands say what they show', async () => {
  let last = ''
  for (const line of textOf('sh').trim().split('\n')) {
    const { code, out } = await taskchain(folder, line.split(' ').slice(2))
    expect([line, code]).toEqual([line, 0])
    last = out
  }
  for (const line of textOf('text').trim().split('\n')) expect(last).toContain(line)
  const info = await taskchain(folder, ['info', 'judge', 'answers', '--set', 'style=loud', '--json'])
  expect(JSON.parse(info.out)).toMatchObject({ info: { log: [{ items: 'items', kept: 6, computed: 0, attempts: 0 }] } })
})

test('items are listed, and forgotten only when that is said twice', async () => {
  const listed = await taskchain(folder, ['items', 'answers', '--json'])
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
  expect(await taskchain(folder, ['items', 'nothing'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('judge:answers') as unknown,
  })
  expect((await taskchain(folder, ['items', 'judge:answers', '--remove'])).out).toContain('nothing was removed')
  expect((await taskchain(folder, ['items', 'judge:answers', '--remove', '--yes'])).out).toContain('removed')
  expect((await taskchain(folder, ['items'])).out).toBe('no items are kept\n')
})

test('a store with items is whole, and nothing of them is collected', async () => {
  await taskchain(folder, ['run', 'judge', '--set', 'style=quiet'])
  expect((await taskchain(folder, ['verify'])).code).toBe(0)
  expect((await taskchain(folder, ['gc', '--yes'])).code).toBe(0)
  expect((await taskchain(folder, ['items'])).out).toContain('judge:answers: 6 kept')
})
