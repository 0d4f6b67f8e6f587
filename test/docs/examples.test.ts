// What examples/README.md says that an example needs is what it imports, so that a copy elsewhere works.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../examples')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const rows = [...readme.matchAll(/^\| \[(\w+)\].*\| ([^|]*) \|$/gm)].map(([, name, needs]) => ({
  name: name as string,
  needs: needs as string,
}))

test('every example is told of', () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(rows.map(({ name }) => name).toSorted()).toEqual(folders.map(({ name }) => name).toSorted())
})

/** Packages that the files of an example name, tests left out; nothing of it may lead out of its folder. */
const importedBy = (name: string): ReadonlySet<string> => {
  const files = readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('test/'),
  )
  const modules = files.flatMap((path) =>
    [...readFileSync(join(root, name, path), 'utf8').matchAll(/(?:from |resolve\()'([^'.][^']*)'/g)].map(String),
  )
  return new Set(
    modules
      .flatMap((text) => /'((?:@[^/']+\/)?[^/']+)/.exec(text)?.[1] ?? [])
      .filter((one) => !one.startsWith('node:') && one !== 'taskchain'),
  )
}

test.each(rows.filter(({ needs }) => needs.startsWith('`')))(
  '$name needs what it is said to need',
  ({ name, needs }) => {
    const said = (/`([^`]*)`/.exec(needs)?.[1] ?? '').split(' ').filter((one) => one !== 'tsx')
    expect(said.toSorted()).toEqual([...importedBy(name)].toSorted())
  },
)
