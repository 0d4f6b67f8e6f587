// The pages about why, diff, code drift and content are true: their files are written to a project, and their commands run
// there, in order.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { fencesOf, filesOf } from './docs-page.js'
import { command, emptyFolder, remove, root, write } from './fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

test.each([
  'why.md',
  'diff.md',
  'code-drift.md',
  'content.md',
  'renaming.md',
  'sources.md',
  'scheduling.md',
  'stores.md',
])(
  'docs/%s',
  (page) => {
    const folder = emptyFolder()
    folders.push(folder)
    write(folder, {
      'package.json': '{ "type": "module" }',
      '.gitignore': 'node_modules\ndata\n',
      ...filesOf(fencesOf(page)),
    })
    const lines = fencesOf(page).flatMap(({ language, text }) => (language === 'sh' ? text.trim().split('\n') : []))
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) {
      const [said = '', expected] = line.split(/\s+# → /)
      const run = said
        .replace(/(?<=^|\s)npx taskchain/, `node ${command}`)
        .replace(/^npx tsx/, `node ${join(root, 'node_modules/tsx/dist/cli.mjs')}`)
      const { stdout, stderr, status } = spawnSync('bash', ['-c', run], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      })
      expect({ line, status }, stderr).toEqual({ line, status: 0 })
      expect(stdout + stderr, line).toContain(expected ?? '')
    }
  },
  120_000,
)
