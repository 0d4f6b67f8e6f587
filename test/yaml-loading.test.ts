import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The package `yaml` is a third of the start-up: it is loaded by a text that the fast reader does not read, and by nothing else. */

const built = resolve(import.meta.dirname, '../dist')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-yaml-'))
  writeFileSync(join(folder, 'plain.yaml'), 'tasks: work.*\ncount: 3\n')
  writeFileSync(join(folder, 'anchors.yaml'), 'tasks: work.*\ncount: &count 3\nx-same: *count\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Computes a value in a process of its own, then reads it from the store; says what it was and whether `yaml` was loaded. */
const ran = (config: string): unknown => {
  const script = `
    import { createRequire } from 'node:module'
    import * as t from '${import.meta.resolve('io-ts')}'
    import { defineProject, defineTask, openChain, param } from '${built}/index.js'
    const double = defineTask({ params: { count: param(t.number) }, data: t.number }).run(({ count }) => 2 * count)
    const project = defineProject({ root: ${JSON.stringify(folder)}, pipelines: { work: { double } } })
    const values = []
    for (const _ of ['computed', 'read']) {
      const chain = await openChain(project, { config: ${JSON.stringify(config)}, store: 'store' })
      values.push(await chain.value(double))
      await chain.close()
    }
    const { cache } = createRequire(import.meta.url)
    console.log(JSON.stringify({ values, yaml: Object.keys(cache).some((path) => /[\\\\/]node_modules[\\\\/]yaml[\\\\/]/.test(path)) }))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' }),
  )
}

describe('the package yaml', () => {
  test('is not loaded for a plain config', () => {
    expect(ran('plain.yaml')).toEqual({ values: [6, 6], yaml: false })
  })
  test('is loaded for a config that needs it', () => {
    expect(ran('anchors.yaml')).toEqual({ values: [6, 6], yaml: true })
  })
})
