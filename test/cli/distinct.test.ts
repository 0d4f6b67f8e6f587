// Two namespaces with equal values share results: nodes and distinct results are told apart, in the same words
// everywhere.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyFolder, inProcess as taskchain, projectFiles, remove, write } from './fixture.js'

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, {
    ...projectFiles,
    'configs/one.yaml': 'uses: films.yaml as a\n',
    'configs/two.yaml': 'uses: [films.yaml as a, films.yaml as b]\n',
    'configs/three.yaml': 'uses: [films.yaml as a, films.yaml as b, few.yaml as c]\n',
    'configs/few.yaml': 'tasks: films.*\nhow_many: 12\nmin_votes: 500\n',
  })
})
afterEach(() => remove(folder))

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

describe('results that several nodes share', () => {
  test('are counted once by plan, diff, force and run', async () => {
    expect(lastLine((await taskchain(folder, ['plan', 'one'])).out)).toBe('5 nodes: 0 cached, 4 to run, 1 in memory')
    expect(lastLine((await taskchain(folder, ['plan', 'two'])).out)).toBe(
      '10 nodes → 5 distinct: 0 cached, 4 to run, 1 in memory',
    )
    expect(lastLine((await taskchain(folder, ['diff', 'one', 'three'])).out)).toMatch(
      /^12 nodes of three → 7 distinct to run: a::films:all, /,
    )
    const run = await taskchain(folder, ['run', 'two'])
    expect(run.out + run.err).toMatch(/planned 4 to run, 1 in memory, 0 to load, 0 cached\n/)
    expect(lastLine(run.out)).toMatch(/^5 computed, 0 loaded, 0 cached, 0 failed in /)
    expect(lastLine((await taskchain(folder, ['plan', 'two'])).out)).toBe(
      '10 nodes → 5 distinct: 4 cached, 0 to run, 1 in memory',
    )
    expect(lastLine((await taskchain(folder, ['plan', 'three'])).out)).toMatch(
      /^15 nodes → 9 distinct: 4 cached, 3 to run, 2 in memory, at least 1 and at most 3 computed, about [\d.]+ m?s$/,
    )
    expect(lastLine((await taskchain(folder, ['force', 'two', 'a::films:all', '--dry-run'])).out)).toMatch(
      /^4 results would be computed again/,
    )
    expect(
      lastLine((await taskchain(folder, ['force', 'two', 'a::films:all', 'b::films:all', '--dry-run'])).out),
    ).toMatch(/^8 nodes → 4 distinct would be computed again/)
  })

  test('take the time of one', async () => {
    write(folder, {
      'films.js': `import * as t from 'io-ts'\nimport { defineTask } from 'taskchain'\nexport const slow = defineTask({ params: { howMany: t.number }, data: t.number }).run(() => 1)\n`,
    })
    await taskchain(folder, ['run', 'films'])
    const place = join(folder, 'data/tasks/films/slow')
    for (const name of readdirSync(place))
      if (name.endsWith('run_info.yaml'))
        writeFileSync(join(place, name), readFileSync(join(place, name), 'utf8').replace(/^time: .*$/m, 'time: 7'))
    const other = ['--set', 'how_many=1']
    expect(lastLine((await taskchain(folder, ['plan', 'one', ...other])).out)).toBe(
      '1 node: 0 cached, 1 to run, 0 in memory, about 7.0 s',
    )
    expect(lastLine((await taskchain(folder, ['plan', 'two', ...other])).out)).toBe(
      '2 nodes → 1 distinct: 0 cached, 1 to run, 0 in memory, about 7.0 s',
    )
    expect(lastLine((await taskchain(folder, ['diff', 'one', 'two', ...other])).out)).toBe(
      '2 nodes of two → 1 distinct to run, about 7.0 s: a::films:slow, b::films:slow',
    )
  })
})

test('a catalog that was removed is told by run and by plan, and is there again', async () => {
  await taskchain(folder, ['run', 'films'])
  for (const command of ['plan', 'run']) {
    rmSync(join(folder, 'data/tasks/.catalog'), { recursive: true })
    expect((await taskchain(folder, [command, 'films'])).err).toContain('catalog: 4 run infos read for it')
    expect((await taskchain(folder, [command, 'films'])).err).not.toContain('catalog')
  }
})
