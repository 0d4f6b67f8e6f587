// docs/internals/a-store-of-your-own.md is true: its store compiles, is as short as it says, and keeps the contract.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../src/runtime/ports/store.js'
import { builtOnce } from './build-once.js'
import { storeContract } from './store.contract.js'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/internals/a-store-of-your-own.md'), 'utf8')
const code = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text]) => text).join('\n')

let folder = ''
let compiled = { status: null as number | null, stdout: '' }
beforeAll(() => {
  builtOnce()
  folder = mkdtempSync(join(root, '.tour-')) // inside the repository, so that 'taskchain' is this package
  writeFileSync(join(folder, 'map-store.ts'), code)
  const compilerOptions = { noEmit: false, outDir: folder, rootDir: folder, declaration: false, sourceMap: false }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions, include: ['map-store.ts'] }),
  )
  compiled = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--checkers', '1'],
    { encoding: 'utf8' },
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the store of the page compiles', () => {
  expect(compiled).toMatchObject({ stdout: '', status: 0 })
})

test('it is a hundred lines and some', () => {
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(130)
})

storeContract('the store of the page', async () => {
  const { mapStore } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'map-store.js')).href)) as {
    readonly mapStore: (scratch: string) => Store
  }
  return { store: mapStore(mkdtempSync(join(folder, 'scratch-'))), dispose: () => undefined }
})
