// Writes docs/reference from the code: `npm run reference`, after a build. `pages` is what the test compares.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { apiPages } from './api.js'
import { commandLinePage } from './command-line.js'
import { errorsPage } from './errors.js'

const root = resolve(import.meta.dirname, '../..')

/** All pages that are written from the code, by their paths below docs/reference. */
export const pages = (): ReadonlyMap<string, string> =>
  new Map([
    ['command-line.md', commandLinePage()],
    ['errors.md', errorsPage(root)],
    ...[...apiPages()].map(([name, text]): [string, string] => [`api/${name}`, text]),
  ])

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [name, text] of pages()) {
    const path = join(root, 'docs/reference', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
