// Third-party code bundled into dist keeps its licenses: their names, versions and texts, in one file.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The text of the file, for paths of bundled modules. A package without a license is an error. */
export function thirdPartyLicenses(modules) {
  const folders = new Set(modules.filter((path) => path.includes('/node_modules/')).map(packageOf))
  const entries = [...folders].map(entryOf).toSorted((left, right) => (left.title < right.title ? -1 : 1))
  const sections = [...new Map(entries.map(({ title, text }) => [title, `${title}\n\n${text}`])).values()]
  return `Parts of these packages are bundled into this one.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`
}

/** The folder of a module's package: the nearest parent whose package.json has a name and a version. */
function packageOf(path) {
  for (let folder = dirname(path.replace(/^\0/, '').replace(/\?.*$/, '')); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version !== undefined) return folder
    if (folder === dirname(folder)) throw new Error(`no package has ${path}`)
  }
}

function entryOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined && license === undefined) throw new Error(`${name} says no license`)
  const text = file === undefined ? `${license}\n` : `${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return { title: `${name} ${version} (${license})`, text }
}
