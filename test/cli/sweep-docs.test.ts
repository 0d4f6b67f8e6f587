// What docs/check.md and docs/sweep.md say is so.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parseSweepFile } from '../../src/inspect/sweep-request.js'
import { builtOnce } from '../build-once.js'
import { root, taskchain } from './fixture.js'

beforeAll(builtOnce, 120_000)

const fencesOf = (page: string, language: string): readonly string[] =>
  [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(
    ([, found, text = '']) => (found === language ? [text] : []),
  )

test('the report of check is one of the rotten tree', () => {
  const [report = 'none'] = fencesOf('check.md', 'text')
  expect(readFileSync(join(import.meta.dirname, 'rotten-tree/expected.txt'), 'utf8')).toContain(report)
  const summary = /`(\d+ configs: .*)`/.exec(readFileSync(join(root, 'docs/check.md'), 'utf8'))?.[1] ?? 'none'
  expect(readFileSync(join(import.meta.dirname, 'rotten-tree/expected.txt'), 'utf8')).toContain(summary)
})

test('the sweep of the films is planned and makes the table', async () => {
  const store = mkdtempSync(join(tmpdir(), 'taskchain-docs-'))
  try {
    const [command = ''] = fencesOf('sweep.md', 'sh')
    const words = command.trim().split(/\s+/).slice(2)
    const folder = join(root, 'examples/movies')
    const [preview = 'none', table = 'none'] = fencesOf('sweep.md', 'text')
    expect((await taskchain(folder, [...words, '--store', store])).out).toContain(preview)
    expect(
      (await taskchain(folder, [...words.filter((word) => word !== '--dry-run'), '--store', store])).out,
    ).toContain(table)
  } finally {
    rmSync(store, { recursive: true, force: true })
  }
})

test('the sweep file is one', () => {
  const [text = ''] = fencesOf('sweep.md', 'yaml')
  expect(parseSweepFile('sweep.yaml', text)).toEqual({
    axes: [
      { name: 'min_votes', values: [1000, 5000] },
      { name: 'model.kwargs.l2', values: [1, 10] },
      { name: 'feature_types', values: [['year'], ['year', 'genre']] },
      { name: 'seed', values: [1, 2, 3] },
    ],
    zip: [['min_votes', 'model.kwargs.l2']],
    metrics: ['test_metrics'],
  })
})
