import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'

beforeAll(builtOnce, 120_000)
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const script = resolve('test/adapters/provider-process.mjs')
const cli = resolve('dist/cli/main.js')
const place = () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-provider-'))
  folders.push(folder)
  const [root, calls, open] = ['store', 'calls', 'open'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(calls, '')
  return {
    folder,
    root,
    args: [script, root, calls, open],
    open: () => writeFileSync(open, ''),
    submitted: () => readFileSync(calls, 'utf8').trim().split('\n').length,
  }
}
const squares = '[0,1,4,9,16,25,36,49,64,81]'

it('a run that is killed while a provider computes goes on with the same batch', async () => {
  const { folder, root, args, open, submitted } = place()
  const first = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((polled) => void first.stdout.once('data', polled))
  first.kill('SIGKILL')
  await new Promise((ended) => void first.once('exit', ended))
  const shown = (...more: readonly string[]): string =>
    execFileSync(process.execPath, [cli, '--store', root, 'items', ...more], { cwd: folder, encoding: 'utf8' })
  writeFileSync(
    join(folder, 'taskchain.config.mjs'),
    `import { defineProject } from '${resolve('dist/index.js')}'\nexport default defineProject({ pipelines: {} })\n`,
  )
  expect(shown()).toContain('shop:scored: 0 kept, 1 batch under way')
  expect(shown('shop:scored')).toMatch(/^batch {3}batch-1, 10 items of .*Z, .+ ago: running$/m)
  open()
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect([stdout.trim().split('\n').at(-1), submitted()]).toEqual([squares, 1])
  expect(shown()).toMatch(/^shop:scored: 10 kept, .*cost 10$/m)
})

it('a run that is killed before it knows the id finds the batch', async () => {
  const { args, open, submitted } = place()
  await expect(promisify(execFile)(process.execPath, [...args, 'lost'])).rejects.toMatchObject({ signal: 'SIGKILL' })
  open()
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect([stdout.trim().split('\n').at(-1), submitted()]).toEqual([squares, 1])
})
