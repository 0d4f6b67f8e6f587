// What is bundled is shipped under its own licenses.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.mjs'
import { builtOnce } from '../build-once.js'

const root = resolve(import.meta.dirname, '../..')
beforeAll(builtOnce, 120_000)

test('the license of every bundled package is in the package, with its text', () => {
  const sections = readFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8').split(/^-{80}$/m)
  const named = new Map(sections.map((text) => [/^(@?[^\s@]+) \d+\.\d+\.\d+ \(/m.exec(text)?.[1], text]))
  for (const name of ['preact', '@dagrejs/dagre', 'vega', 'vscode-languageserver', '@modelcontextprotocol/sdk', 'zod'])
    expect(named.get(name), name).toMatch(/Permission|Redistribution/)
  expect(named.size).toBeGreaterThan(40)
  expect(named.has(undefined)).toBe(false)
})

test('our own modules, and those of Node, have no part in it', () => {
  expect(thirdPartyLicenses([join(root, 'src/index.ts')])).toBe(
    'Parts of these packages are bundled into this one.\n\n',
  )
})
