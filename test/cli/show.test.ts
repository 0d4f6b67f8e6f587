// `show` without --compute only reads: what it cannot read stays as it is, and is told.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyFolder, projectFiles, remove, taskchain, write } from './fixture.js'

const linesText = `
import * as t from 'io-ts'
import { appendFileSync } from 'node:fs'
import { defineTask, inMemory } from 'taskchain'
import { jsonLines } from 'taskchain/data'
const ran = (name) => appendFileSync('ran.txt', name + '\\n')
export const votes = defineTask({ data: t.array(t.number) }).run(() => (ran('votes'), [1, 2, 3]))
export const stream = defineTask({ data: jsonLines(t.number) }).run(function* () { ran('stream'); for (let i = 0; i < 50000; i++) yield i })
export const table = defineTask({ inputs: { votes }, data: inMemory() }).run(({ votes }, { log, note }) => { log.info('counting'); note('counted'); return { count: votes.length } })
`

let folder: string
beforeEach(async () => {
  folder = emptyFolder()
  write(folder, {
    ...projectFiles,
    'taskchain.config.js': `import { defineProject } from 'taskchain'\nimport * as lines from './lines.js'\nexport default defineProject({ store: 'stored', pipelines: { lines } })\n`,
    'lines.js': linesText,
    'configs/lines.yaml': 'tasks: lines.*\n',
  })
  expect((await taskchain(folder, ['run', 'lines'])).code).toBe(0)
})
afterEach(() => remove(folder))

const store = (): string => join(folder, 'stored')
const fileOf = (task: string, ending: string): string => {
  const place = join(store(), 'lines', task)
  return join(place, readdirSync(place).find((name) => name.endsWith(ending) && !name.startsWith('.')) as string)
}
const everything = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [
      join(folder, 'ran.txt'),
      ...(readdirSync(store(), { recursive: true }) as string[]).map((name) => join(store(), name)),
    ]
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, 'latin1')]),
  )

describe('show of a result that', () => {
  const cases: readonly (readonly [what: string, damage: () => void, asked: string, says: RegExp])[] = [
    [
      'has a flipped bit',
      () => writeFileSync(fileOf('votes', '.json'), '[1,2,4]'),
      'votes',
      /'lines:votes'[^]*cannot be read[^]*checksum[^]*'taskchain force'/,
    ],
    [
      'was edited by hand',
      () => writeFileSync(fileOf('votes', '.json'), '[1, 2, 3, 4]\n'),
      'votes',
      /lines:votes[^]*size[^]*(?:'taskchain force'|--compute)/,
    ],
    [
      'is cut short',
      () => truncateSync(fileOf('votes', '.json'), 2),
      'votes',
      /lines:votes[^]*size[^]*(?:'taskchain force'|--compute)/,
    ],
    [
      'has a run info that cannot be read',
      () => writeFileSync(fileOf('votes', '.run_info.yaml'), 'task: {'),
      'votes',
      /lines:votes[^]*run info[^]*(?:'taskchain force'|--compute)/,
    ],
    [
      'lacks its run info',
      () => rmSync(fileOf('votes', '.run_info.yaml')),
      'votes',
      /lines:votes[^]*its run info is missing[^]*--compute/,
    ],
    [
      'lacks its data',
      () => rmSync(fileOf('votes', '.json')),
      'votes',
      /lines:votes[^]*its data is missing[^]*--compute/,
    ],
    [
      'its codec refuses',
      () => writeFileSync(join(folder, 'lines.js'), linesText.replace('t.array(t.number)', 't.array(t.string)')),
      'votes',
      /'lines:votes'[^]*cannot be read[^]*string[^]*'taskchain force'/,
    ],
    [
      'is read as a stream and damaged',
      () =>
        writeFileSync(
          fileOf('stream', '.jsonl'),
          readFileSync(fileOf('stream', '.jsonl'), 'latin1').replace('\n3\n', '\nx\n'),
        ),
      'stream',
      /'lines:stream'[^]*cannot be read[^]*'taskchain force'/,
    ],
    [
      'is kept in memory and reads a damaged one',
      () => writeFileSync(fileOf('votes', '.json'), '[1,2,4]'),
      'table',
      /'lines:votes'[^]*cannot be read[^]*'taskchain force'/,
    ],
  ]
  test.each(cases)('%s says so, runs nothing and changes no file', async (_, damage, asked, says) => {
    damage()
    const before = everything()
    const shown = await taskchain(folder, ['show', 'lines', asked])
    expect(shown.err).toMatch(says)
    expect(shown.err).not.toContain('internal error')
    expect({ code: shown.code, out: shown.out }).toEqual({ code: expect.any(Number) as number, out: '' })
    expect(shown.code).not.toBe(0)
    expect(everything()).toEqual(before)
  })

  test('is kept in memory and has to be made leaves nothing behind', async () => {
    const before = everything()
    expect(await taskchain(folder, ['show', 'lines', 'table'])).toMatchObject({ code: 0, out: '{\n  "count": 3\n}\n' })
    expect(everything()).toEqual(before)
  })

  test('force has marked tells it, and what it says to do repairs it', async () => {
    await taskchain(folder, ['force', 'lines', 'votes'])
    const before = everything()
    const shown = await taskchain(folder, ['show', 'lines', 'votes'])
    expect(shown).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/lines:votes cannot be shown: it is marked as stale[^]*--compute/) as string,
    })
    expect(everything()).toEqual(before)
    expect(await taskchain(folder, ['show', 'lines', 'votes', '--compute'])).toMatchObject({ code: 0, err: '' })
    expect(await taskchain(folder, ['show', 'lines', 'votes'])).toMatchObject({ code: 0, err: '' })
  })

  test('is damaged is repaired by force and a run, as the message says', async () => {
    writeFileSync(fileOf('votes', '.json'), '[1,2,4]')
    expect((await taskchain(folder, ['show', 'lines', 'votes'])).code).toBe(1)
    await taskchain(folder, ['force', 'lines', 'votes'])
    await taskchain(folder, ['run', 'lines'])
    expect(await taskchain(folder, ['show', 'lines', 'votes', '--json'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('"value":[1,2,3]') as string,
    })
  })
})
