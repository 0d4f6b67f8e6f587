// What a command reports of configs that it refuses.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, projectFiles, remove, taskchain, write } from './fixture.js'

let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  write(folder, {
    ...projectFiles,
    'configs/refused.yaml': 'tasks: [films.*]\nuses: [there.yaml, gone.yaml]\nhow_many: yes\nmin_vote: 3\n',
    'configs/there.yaml': 'tasks: trouble.nothing\n',
  })
}, 120_000)
afterAll(() => remove(folder))

test('is everything at once: what is missing, what is wrong besides, and what is odd', async () => {
  const { code, out, err } = await taskchain(folder, ['run', 'refused'])
  const places = err
    .split('\n')
    .filter((line) => !line.startsWith('  '))
    .map((line) => line.replace(/^error: /, ''))
  expect({ code, out, places }).toEqual({
    code: 2,
    out: '',
    places: [
      "warning: configs/refused.yaml:3:11: 'yes' is read as text (YAML 1.2); YAML 1.1, and so Python, reads true",
      "warning: configs/refused.yaml:4:11: no task of this config reads 'min_vote'",
      "configs/refused.yaml:2:20: config 'configs/gone.yaml' not found",
      `configs/refused.yaml:3:11: param 'howMany' of 'films:all': expected number, got "yes"`,
      "configs/there.yaml:1:8: no task matches 'trouble.nothing'",
      '',
    ],
  })
})

test('is the same in JSON', async () => {
  const { code, out } = await taskchain(folder, ['plan', 'refused', '--json'])
  const { errors, warnings } = JSON.parse(out) as {
    readonly errors: readonly { readonly code: string }[]
    readonly warnings: readonly { readonly code: string }[]
  }
  expect([code, errors.map((one) => one.code), warnings.map((one) => one.code)]).toEqual([
    2,
    ['ConfigNotFound', 'InvalidParam', 'UnknownTasks'],
    ['OldYaml', 'UnusedValue'],
  ])
})

test('is the same before a sweep, whose values count as given', async () => {
  const { code, err } = await taskchain(folder, ['sweep', 'refused', '--set', 'how_many=1,2', '--yes'])
  expect([code, err]).toEqual([2, expect.stringMatching(/gone\.yaml' not found[^]*trouble\.nothing/)])
})
