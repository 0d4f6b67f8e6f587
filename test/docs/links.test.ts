// Every page is in the table of contents, and every link between files of the repository leads somewhere.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../../docs/.vitepress/pages.mjs'

const root = resolve(import.meta.dirname, '../..')
const markdown = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => `examples/${name}`),
]

test('every page of docs is in the table of contents, once', () => {
  const listed = pages.flatMap(({ pages: entries }) => entries.map(([path]) => `docs/${path}.md`))
  const inDocs = markdown.filter((name) => name.startsWith('docs/') && !name.startsWith('docs/reference/api/taskchain'))
  expect([...listed, 'docs/index.md'].toSorted()).toEqual(inDocs.toSorted())
})

/** What a page's links lead to, as paths from the root of the repository; not addresses of the web. */
const targetsOf = (page: string): readonly string[] => {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[^]*?```|`[^`\n]*`/g, '')
  return [...text.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^(?:https?:|mailto:)/.test(link))
    .map((link) => join(dirname(page), link))
}

test.each(markdown)('links of %s lead somewhere', (page) => {
  expect(targetsOf(page).filter((target) => !existsSync(join(root, target)))).toEqual([])
})

test('what a page of the package links to is in the package, pictures aside', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ files }] = JSON.parse(packed) as [{ readonly files: readonly { readonly path: string }[] }] // npm's own form
  const paths = files.map(({ path }) => path)
  const dead = paths
    .filter((path) => path.endsWith('.md') && !path.startsWith('dist/'))
    .flatMap((page) => targetsOf(page).map((target) => ({ page, target })))
    .filter(({ target }) => !target.startsWith('docs/images/'))
    .filter(({ target }) => !paths.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`)))
  expect(dead).toEqual([])
})
