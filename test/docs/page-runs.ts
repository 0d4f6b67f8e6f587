// Pages of docs as projects: each in a folder of its own, all compiled at once, their commands run in order.
import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fencesOf, filesOf } from '../cli/docs-page.js'
import { command, root, write } from '../cli/fixture.js'

/** Writes the files of a page below `folder`, as a package of its own; those of `host` for one that has none. */
export const writePage = (folder: string, page: string, host = page): string => {
  const place = join(folder, page.replace(/\.md$/, '').replaceAll('/', '-'))
  mkdirSync(place, { recursive: true })
  symlinkSync(join(folder, 'node_modules'), join(place, 'node_modules'), 'dir')
  write(place, { 'package.json': '{ "type": "module" }', ...filesOf(fencesOf(host)) })
  return place
}

const programs: readonly (readonly [RegExp, string])[] = [
  [/(?<=^|\s)npx taskchain/g, `node ${command}`],
  [/(?<=^|\s)npx tsx/g, `node ${join(root, 'node_modules/tsx/dist/cli.mjs')}`],
  [/(?<=^|\s)npx vitest run/g, `node ${join(root, 'node_modules/vitest/vitest.mjs')} run --root .`],
]

/** Runs the lines of a page's `sh` blocks; what follows `# →` must be in what a line prints. */
export const runPage = async (place: string, page: string): Promise<void> => {
  const lines = fencesOf(page).flatMap(({ language, text }) => (language === 'sh' ? text.trim().split('\n') : []))
  for (const line of lines) {
    const [said = '', expected] = line.split(/\s+# → /)
    const run = programs.reduce((text, [pattern, program]) => text.replace(pattern, program), said)
    const { code, output } = await finished(run, place)
    expect({ line, code }, output).toEqual({ line, code: 0 })
    expect(output, line).toContain(expected ?? '')
  }
}

const finished = (run: string, cwd: string): Promise<{ readonly code: number | null; readonly output: string }> =>
  new Promise((settle, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1; ${run}`], { cwd, env: { ...process.env, NO_COLOR: '1' } })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject).on('close', (code) => settle({ code, output }))
  })
