// What docs/workers.md says is so.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, taskchain, write } from '../cli/fixture.js'

const page = readFileSync(join(root, 'docs/workers.md'), 'utf8')
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

test('the command gives the failures that it shows', async () => {
  const { code, out, err } = await taskchain(folder, textOf('sh').trim().split(' ').slice(2))
  expect(code).toBe(1)
  for (const line of textOf('text').trim().split('\n')) expect(out + err).toContain(line)
})

test('the program prints the total and ends', () => {
  expect(execFileSync(process.execPath, ['run.js'], { cwd: folder, encoding: 'utf8' })).toBe('6\n')
})
