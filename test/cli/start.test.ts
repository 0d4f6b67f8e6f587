// What a command loads before it does anything: most of what one waits for is that.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'

const root = join(import.meta.dirname, '../..')
beforeAll(builtOnce, 120_000)

/** Files that a command has run, as Node's coverage names them. */
const filesOf = (...words: readonly string[]): readonly string[] => {
  const coverage = mkdtempSync(join(tmpdir(), 'taskchain-start-'))
  try {
    const { status } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...words], {
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
    })
    expect(status).toBe(0)
    return readdirSync(coverage).flatMap((name) =>
      (
        JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
          readonly result: readonly { readonly url: string }[]
        }
      ).result
        .map(({ url }) => url)
        .filter((url) => url.startsWith('file:')),
    )
  } finally {
    rmSync(coverage, { recursive: true, force: true })
  }
}

test('help of a command loads the command line, and nothing of what runs, reads or stores', () => {
  const files = filesOf('run', '--help')
  expect(files.filter((file) => /io-ts|fp-ts|yaml|acorn|core-/.test(file))).toEqual([])
  expect(files.length).toBeLessThan(30)
})

test('--version and --help load next to nothing', () => {
  for (const word of ['--version', '--help']) expect(filesOf(word).length).toBeLessThan(6)
})

test('the help written by the build is the one of the parser, in every width', () => {
  const help = (columns: number, ...words: readonly string[]): string => {
    const width = `data:text/javascript,process.stdout.columns=${columns}`
    const { stdout } = spawnSync(process.execPath, ['--import', width, join(root, 'dist/cli/main.js'), ...words])
    return String(stdout)
  }
  for (const columns of [80, 120, 200]) {
    const parsed = help(columns, 'help')
    expect(parsed).toMatch(/^Usage: taskchain/)
    for (const words of [[], ['-h'], ['--help']]) expect(help(columns, ...words)).toBe(parsed)
  }
  expect(help(100, '--help')).toBe(help(100, 'help'))
})
