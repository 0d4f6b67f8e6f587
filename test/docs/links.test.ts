// Every page is in the table of contents, and every link between files of the repository leads somewhere.
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

test.each(markdown)('links of %s lead somewhere', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[^]*?```|`[^`\n]*`/g, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string)
  const dead = links.filter(
    (link) => !/^(?:https?:|mailto:|#)/.test(link) && !existsSync(join(root, dirname(page), link.replace(/#.*$/, ''))),
  )
  expect(dead).toEqual([])
})
