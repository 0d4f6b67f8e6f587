import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChain } from 'taskchain'
import { expect, test } from 'vitest'
import { hasPython, needs, pythonPath } from '../../test/data/python.js'
import * as cars from './cars.js'
import project from './taskchain.config.js'

const has = hasPython('numpy')

test.skipIf(!has)(
  `cars are cleaned, NumPy fits, and the report is the one of the page${needs('numpy', has)}`,
  async () => {
    const store = mkdtempSync(join(tmpdir(), 'taskchain-mixed-'))
    const open = (l2: number) =>
      openChain(project, {
        config: { tasks: 'cars:*', source: '{VEGA_DATA}/cars.json', l2, interpreter: pythonPath('numpy') },
        store,
      })
    const chain = await open(1)
    const [, expected] =
      /```text\n(Fitted[^]*?)\n```/.exec(
        readFileSync(join(import.meta.dirname, '../../docs/example-mixed.md'), 'utf8'),
      ) ?? []
    expect(await chain.value(cars.report)).toBe(expected)
    await chain.close()
    const other = await open(100)
    expect((await other.run()).computed).toEqual(['cars:model', 'cars:report'])
    await other.close()
    rmSync(store, { recursive: true, force: true })
  },
)
