// docs/formats.md is true: its files are written to a folder, compiled, and run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as data from '../../src/data/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/formats.md'), 'utf8')
const files = [...text.matchAll(/^```ts(?: file=(\S+))?\n([^]*?)^```$/gm)].map(([, file, code = '']) => ({
  file,
  code,
}))

let folder = ''
const node = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  if (status !== 0) throw new Error(stdout + stderr)
  return stdout
}

beforeAll(() => {
  builtOnce()
  folder = mkdtempSync(join(root, '.tour-')) // inside the repository, so that 'taskchain' is this package
  for (const { file, code } of files) writeFileSync(join(folder, file ?? 'loose.ts'), code)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { noEmit: true }, include: ['**/*.ts'] }),
  )
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every block of TypeScript is a file', () => {
  expect(files.filter(({ file }) => file === undefined)).toEqual([])
})

test('the files compile', () => {
  expect(node(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--checkers', '1')).toBe('')
})

test('the tests in it pass', () => {
  expect(node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.')).toMatch(/Tests\s+2 passed/)
})

test('the chains in it run', () => {
  const script = `
    import { testChain } from 'taskchain/testing'
    import * as arquero from './arquero.ts'
    import * as figures from './figures.ts'
    import { training } from './training.ts'
    const chain = testChain({ tasks: [...Object.values(arquero), ...Object.values(figures), training], params: { epochs: 3 } })
    const losses = (await chain.value(training)).dataset('loss')
    console.log(JSON.stringify([(await chain.value(arquero.genreVotes)).toRows(), (await chain.value(figures.genreFigure)).data, losses.shape]))`
  writeFileSync(join(folder, 'main.ts'), script)
  const rows = [
    { genre: 'Comedy', votes: 7 },
    { genre: 'Horror', votes: 17 },
  ]
  expect(JSON.parse(node('--import', 'tsx', 'main.ts'))).toEqual([rows, { values: rows }, [3, 2]])
})

test('every format is in the table', () => {
  const functions = Object.entries(data)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name)
  const known = new Set(['FormatProblem', 'DamagedArtifact', 'tableOf', 'date'])
  expect(
    functions.filter((name) => !known.has(name) && !text.includes(`${name}(`) && !text.includes(`${name}<`)),
  ).toEqual([])
})
