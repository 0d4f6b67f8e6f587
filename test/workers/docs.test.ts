// What docs/workers.md says is so.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { writtenPage } from '../cli/docs-page.js'
import { taskchain } from '../cli/fixture.js'

const { folder, textOf } = writtenPage('workers.md')

test('the command gives the failures that it shows', async () => {
  const { code, out, err } = await taskchain(folder(), textOf('sh').trim().split(' ').slice(2))
  expect(code).toBe(1)
  for (const line of textOf('text').trim().split('\n')) expect(out + err).toContain(line)
})

test('the program prints the total and ends', () => {
  expect(execFileSync(process.execPath, ['run.js'], { cwd: folder(), encoding: 'utf8' })).toBe('6\n')
})
