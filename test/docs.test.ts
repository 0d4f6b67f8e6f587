// The README's tour is true: its files are written to a folder, compiled, and its commands are run there in order.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from './build-once.js'

const root = resolve(import.meta.dirname, '..')

/** A fenced block: its language, the file that its info string names, its text. */
interface Fence {
  readonly language: string
  readonly file: string | undefined
  readonly text: string
}

const fencesOf = (markdown: string): readonly Fence[] =>
  [...markdown.matchAll(/^```(\w+)(?: file=(\S+))?\n([^]*?)^```$/gm)].map(([, language = '', file, text = '']) => ({
    language,
    file,
    text,
  }))

const fences = fencesOf(readFileSync(join(root, 'README.md'), 'utf8'))
const shell = fences.filter((fence) => fence.language === 'sh')

describe('the README', () => {
  test('has the two commands first, each on one line', () => {
    expect(shell.slice(0, 2).map((fence) => fence.text.trim().split('\n').length)).toEqual([1, 1])
    expect(shell[1]?.text).toContain('npm test')
  })

  test('has no TypeScript or YAML block that is not a file of the tour', () => {
    const loose = fences.filter(
      (fence) => ['ts', 'typescript', 'yaml'].includes(fence.language) && fence.file === undefined,
    )
    expect(loose.map((fence) => fence.text.split('\n')[0])).toEqual([])
  })
})

describe('the tour', () => {
  let folder = ''
  beforeAll(() => {
    builtOnce()
    folder = mkdtempSync(join(root, '.tour-')) // inside the repository, so that 'taskchain' is this package
    for (const { file, text } of fences) {
      if (file === undefined) continue
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
  })
  beforeAll(() => writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {}\n')) // else it would find that of the repository
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('compiles', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { noEmit: true }, include: ['**/*.ts'] }),
    )
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--checkers', '1'],
      { encoding: 'utf8' },
    )
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test('runs: every command, in order, says what the README says', () => {
    for (const { text } of shell.slice(2)) {
      for (const command of text.trim().split('\n')) {
        const [program, expected] = command.split(/\s+# → /)
        const line = (program as string)
          .replace(/^npx taskchain/, `node ${join(root, 'dist/cli/main.js')}`)
          .replace(/^npx tsx/, `node ${join(root, 'node_modules/tsx/dist/cli.mjs')}`)
          .replace(/^npx vitest run/, `node ${join(root, 'node_modules/vitest/vitest.mjs')} run --root .`)
        const output = execFileSync('bash', ['-c', `${line} 2>&1`], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, NO_COLOR: '1' },
        })
        if (expected !== undefined) expect(output, command).toContain(expected.trim())
      }
    }
  }, 120_000)

  test('draws the picture at its top', () => {
    const drawn = execFileSync(
      process.execPath,
      [join(root, 'dist/cli/main.js'), '--project', 'compare.config.ts', 'draw', 'two'],
      { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    expect(drawn.trim()).toBe(fences.find((fence) => fence.language === 'mermaid')?.text.trim())
  })
})
