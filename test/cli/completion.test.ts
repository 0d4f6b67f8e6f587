// What Tab puts onto a command line is what the shell will read back: names of files may be anything.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, projectFiles, remove, start, write } from './fixture.js'

const names = [
  'films $(touch owned)',
  'films \'q\' "d"',
  'films;touch owned',
  'films*',
  'films`touch owned`',
  'films\\back',
  'films & more',
  'films',
  'übung',
]
let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  write(folder, {
    ...projectFiles,
    ...Object.fromEntries(names.map((name) => [`configs/${name}.yaml`, 'tasks: films.*\nhow_many: 12\n'])),
    'configs/films\nowned.yaml': 'tasks: films.*\n',
  })
}, 120_000)
afterAll(() => remove(folder))

/** What bash has on offer for a line, as it would put it there; `read`: as it would then read it. */
const offers = async (line: string): Promise<{ readonly raw: readonly string[]; readonly read: readonly string[] }> => {
  const script = `source <("$NODE" "$COMMAND" completion bash); taskchain() { "$NODE" "$COMMAND" "$@"; }; COMP_LINE="$LINE"; COMP_POINT=\${#COMP_LINE}
_taskchain_completion; printf '%s\\0' "\${COMPREPLY[@]}"; printf '\\0'; for word in "\${COMPREPLY[@]}"; do eval "set -- $word"; printf '%s\\0' "$#:$1"; done`
  const { out } = await start('bash', ['-c', script], folder, {
    NODE: process.execPath,
    COMMAND: command,
    LINE: line,
    LC_ALL: 'C.UTF-8',
  }).ended
  const [raw = '', read = ''] = out.split('\0\0')
  return { raw: raw.split('\0'), read: read.split('\0').filter((part) => part !== '') }
}

test('names that shells take apart or run are quoted, and read back as one word each', async () => {
  const { raw, read } = await offers('taskchain run f')
  expect(read.toSorted()).toEqual(
    names
      .filter((name) => name.startsWith('f'))
      .map((name) => `1:${name}`)
      .toSorted(),
  )
  expect(raw).toContain('films\\ \\$\\(touch\\ owned\\)')
  const { out } = await start('ls', [], folder).ended
  expect(out).not.toContain('owned')
})

test('a quoted word on the line is gone on with', async () => {
  expect((await offers('taskchain run films\\ \\&')).read).toEqual(['1:films & more'])
  expect((await offers('taskchain run films\\ ')).read).toHaveLength(3)
  expect((await offers('taskchain show films films:su')).raw).toEqual(['summary'])
  expect((await offers('taskchain run ü')).read).toEqual(['1:übung'])
  expect((await offers('taskchain show films ')).raw).toContain('films:all')
})
