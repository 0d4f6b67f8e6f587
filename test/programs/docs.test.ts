// docs/commands.md is true: its files are written to a folder, and its commands are run there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, taskchain, write } from '../cli/fixture.js'

const text = readFileSync(join(root, 'docs/commands.md'), 'utf8')
const fencesOf = (pattern: RegExp): readonly (readonly [string, string])[] =>
  [...text.matchAll(pattern)].map(([, name = '', body = '']) => [name, body] as const)

let folder = ''
beforeAll(builtOnce, 120_000)
beforeAll(() => {
  folder = emptyFolder()
  write(folder, Object.fromEntries(fencesOf(/^```\w+ file=(\S+)\n([^]*?)^```$/gm)))
})
afterAll(() => remove(folder))

test('the commands of docs/commands.md give what it says, on threads too', async () => {
  const [commands] = fencesOf(/^```(sh)\n([^]*?)^```$/gm)
  const [output] = fencesOf(/^```(text)\n([^]*?)^```$/gm)
  const lines = commands?.[1].trim().split('\n') ?? []
  const words = lines.map((line) => line.split(' ').slice(2))
  const [run = [], show = []] = words
  expect(await taskchain(folder, [...run, '--executor', 'workers', '--store', 'threaded'])).toMatchObject({ code: 0 })
  expect(await taskchain(folder, run)).toMatchObject({ code: 0 })
  const { out } = await taskchain(folder, show)
  expect(JSON.parse(out)).toEqual(JSON.parse(output?.[1] ?? ''))
  expect((await taskchain(folder, ['log', 'all', 'count'])).out).toContain('counting')
})
