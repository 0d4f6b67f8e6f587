import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from './generated-project.js'

/** What the compiler says to each mistake a declaration can make, whole. `UPDATE=1` writes the golden text anew. */

const golden = join(import.meta.dirname, 'errors/expected.txt')
const cases = readdirSync(join(import.meta.dirname, 'errors')).filter((file) => file.endsWith('.ts'))

/** Messages of the case files, with what follows them indented; what other files of a checkout get wrong is not looked at. */
const messages = (): string => {
  const { stdout } = spawnSync(
    join(repository, 'node_modules/.bin/tsc'),
    ['-p', 'test/types/errors', '--noEmit', '--checkers', '1', '--pretty', 'false'],
    {
      cwd: repository,
      encoding: 'utf8',
    },
  )
  const entries = stdout.replaceAll(`${repository}/`, '').split(/\n(?=\S)/)
  const wanted = entries
    .filter((entry) => entry.startsWith('test/types/errors/'))
    .map((entry) => entry.trimEnd().replace('test/types/errors/', ''))
  return `${wanted.toSorted().join('\n')}\n`
}

test('the compiler says what is wrong with a declaration, in words', () => {
  const said = messages()
  if (process.env['UPDATE'] !== undefined) writeFileSync(golden, said)
  expect(said).toBe(readFileSync(golden, 'utf8'))
})

test('every case is an error', () => {
  const said = readFileSync(golden, 'utf8')
  expect(cases.filter((file) => !said.includes(`${file}(`))).toEqual([])
})
