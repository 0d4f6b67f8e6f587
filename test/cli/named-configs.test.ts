// Configs whose names contain what separates a part or a namespace.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyFolder, inProcess, projectFiles, remove, write } from './fixture.js'

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  const { 'configs/films.yaml': films = '', ...rest } = projectFiles
  const configs = { 'configs/one as two.yaml': films, 'configs/run#3.yaml': films }
  for (const name of ['configs/trouble.yaml', 'configs/stopping.yaml', 'configs/slow.yaml', 'configs/stubborn.yaml'])
    Reflect.deleteProperty(rest, name)
  write(folder, { ...rest, ...configs, 'configs/uses.yaml': "uses: ['one as two.yaml#', 'run#3.yaml# as third']\n" })
})
afterEach(() => remove(folder))

test.each(['one as two', 'run#3', 'run#3.yaml', 'configs/run#3.yaml', 'run#3#'])('%s is planned', async (name) => {
  expect(await inProcess(folder, ['plan', name])).toMatchObject({ code: 0, err: '' })
})

test('uses names them with another # at the end, also in a namespace; check and gc find them', async () => {
  const { code, out } = await inProcess(folder, ['plan', 'uses'])
  expect([code, out]).toEqual([0, expect.stringContaining('third::films:all')])
  expect(await inProcess(folder, ['check'])).toMatchObject({ code: 0, out: expect.stringMatching(/0 errors/) })
  await inProcess(folder, ['run', 'run#3'])
  expect((await inProcess(folder, ['gc'])).out).toContain('every artifact is reached by some config')
})

test.each([
  ['run#3', 'run#3.yaml#'],
  ['run#3.yaml', 'run#3.yaml#'],
  ['run#3#', 'run#3.yaml#'],
  ['run#3 as third', 'run#3.yaml#'],
  ['one as two', 'one as two.yaml#'],
  ['one as two.yaml', 'one as two.yaml#'],
])('uses of %s, without the # at the end, says how to name it', async (written, meant) => {
  write(folder, { 'configs/uses.yaml': `uses: '${written}'\n` })
  const { code, err } = await inProcess(folder, ['plan', 'uses'])
  expect([code, err]).toEqual([2, expect.stringContaining(`not found\n  a name with ' as ' or '#' in it ends with`)])
  expect(err).toContain(`did you mean '${meant}'?`)
})
