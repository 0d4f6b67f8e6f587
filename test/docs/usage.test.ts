// Scripts of contributors: their help is the comment at the top, so that what runs for minutes does not start by mistake.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerOf } from '../../scripts/usage.js'
import { root } from '../cli/fixture.js'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const ours = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /tsx (\S+\.ts)/.exec(line)?.[1]
  return file === undefined ? [] : [[name, file] as const]
})

test.each(ours)('%s says what it does, and refuses an option that it does not know', (name, file) => {
  const source = readFileSync(join(root, file), 'utf8')
  expect(answerOf(source, ['--help'])).toMatchObject({
    code: 0,
    text: expect.stringContaining(`npm run ${name}`) as string,
  })
  expect(answerOf(source, ['--seed-of-all', '1'])).toMatchObject({ code: 3 })
  expect(answerOf(source, [])).toBeUndefined()
  expect(source).toContain('checkWords(import.meta.filename)')
})

test('options that the comment names are taken, with their values and names', () => {
  const source = '// npm run it [--kills N] [--only WORD]\n// [--quick]\nimport x from "y" // --late\n'
  expect(answerOf(source, ['--kills', '-1', 'name', '--quick', '--only', 'a-b'])).toBeUndefined()
  expect(answerOf(source, ['--late'])).toEqual({
    text: 'unknown option --late\n\nnpm run it [--kills N] [--only WORD]\n[--quick]',
    code: 3,
  })
})
