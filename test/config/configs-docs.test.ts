// What docs/configs.md says is so.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseDocument } from '../../src/config/document.js'
import { placeholdersOf } from '../../src/config/placeholders.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import { right } from './reading.js'

const page = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/configs.md'), 'utf8')
const files = [...page.matchAll(/^```yaml file=(\S+)\n([^]*?)^```$/gm)].map(
  ([, file = '', text = '']) => [file, text] as const,
)
const rows = (heading: string): readonly (readonly string[])[] => {
  const [, below = ''] = page.split(heading)
  const [table = ''] = /(?:^\|.*\n)+/m.exec(below) ?? []
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

test('the example gives the values of its table', () => {
  const documents = new Map(files.map(([file, text]) => [file, right(parseDocument(file, text))]))
  expect(documents.size).toBe(4)
  const { configs } = right(
    resolveConfigs(documents, 'configs/main.yaml', { contexts: ['quick.yaml'], set: { depth: 9 } }),
  )
  const valueOf = (text: string): unknown =>
    right(parseDocument('cell.yaml', `value: ${text.replaceAll('`', '')}`))
      .parts.get('')
      ?.values.get('value')?.value
  const table = rows('## Which value is in force')
  expect(table.map(([name]) => name)).toEqual(['`rows`', '`depth`', '`seed`', '`model`'])
  for (const [name = '', ...cells] of table)
    configs.forEach((config, index) => {
      if (cells[index] !== '')
        expect([name, config.namespace, config.values.get(name.replaceAll('`', ''))?.expanded]).toEqual([
          name,
          index === 0 ? '' : 'train',
          valueOf(cells[index] as string),
        ])
    })
})

test('placeholders are filled in as the page says', () => {
  const { text } = placeholdersOf({ DATA: '/mnt' })
  const said = rows('## Placeholders')
    .slice(0, 3)
    .map(([given = '', filled = '']) => [text(given.replace(/^`'(.*)'`$/, '$1')), /`([^`]*)`/.exec(filled)?.[1]])
  expect(said).toHaveLength(3)
  for (const [filled, expected] of said) expect(filled).toBe(expected)
  expect(text('{title} {{title}}')).toBe('{title} {{title}}')
})
