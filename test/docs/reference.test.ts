// docs/reference and docs/llms.txt are what the code says; `npm run reference` writes them anew.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { pages } from '../../scripts/reference/main.js'
import { builtOnce } from '../build-once.js'

beforeAll(builtOnce, 120_000)

test('the reference is that of the code: `npm run reference` writes it anew', () => {
  const docs = resolve(import.meta.dirname, '../../docs')
  const behind = [...pages()].filter(
    ([name, text]) => !existsSync(join(docs, name)) || readFileSync(join(docs, name), 'utf8') !== text,
  )
  expect(behind.map(([name]) => name)).toEqual([])
})
