// Writes docs/reference and docs/llms.txt from the code: `npm run reference`, after a build. A test compares `pages`
// with the files.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { apiPages } from './api.js'
import { commandLinePage } from './command-line.js'
import { errorsPage } from './errors.js'
import { indexForAssistants } from './index-for-assistants.js'
import { yamlKeysPage } from './yaml-keys.js'
import { checkWords } from '../usage.js'



const root = resolve(import.meta.dirname, '../..')

/** All generated files, by path below docs. */
export const pages = (): ReadonlyMap<string, string> =>
  new Map([
    ['llms.txt', indexForAssistants(root)],
    ['reference/command-line.md', commandLinePage()],
    ['reference/errors.md', errorsPage(root)],
    ['reference/yaml-keys.md', yamlKeysPage(root)],
    ...[...apiPages()].map(([name, text]): [string, string] => [`reference/api/${name}`, text]),
  ])

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  checkWords(import.meta.filename)
  for (const [name, text] of pages()) {
    const path = join(root, 'docs', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
