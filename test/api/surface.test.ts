// The public surface: what each entrance exports, written down so that a change of it is seen in review.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { entrances, exportsOf, surface, typesNamedBy, type Exported } from './surface.js'

beforeAll(builtOnce)

const report = join(resolve(import.meta.dirname, '../..'), 'api.txt')
const all = (): readonly Exported[] => [...entrances.keys()].flatMap(exportsOf)
const namesWhere = (wrong: (one: Exported) => boolean): readonly string[] =>
  all()
    .filter(wrong)
    .map(({ entrance, name }) => `${entrance} ${name}`)

test('the surface is the one of api.txt, which UPDATE=1 writes anew', () => {
  const text = surface()
  if (process.env['UPDATE'] !== undefined) writeFileSync(report, text)
  expect(text).toBe(readFileSync(report, 'utf8'))
})

describe('exports', () => {
  test('of a tutorial are fewer than 70', () => {
    expect(exportsOf('taskchain').length).toBeLessThan(70)
  })

  test('are found with their declarations, but for what is of another package', () => {
    expect(namesWhere(({ statement }) => statement === undefined)).toEqual([
      'taskchain/data NdArray',
      'taskchain/data nd',
    ])
  })

  test('name no type that is exported nowhere', () => {
    const exported = new Set(all().map(({ statement }) => statement))
    const missing = all().flatMap(({ entrance, name, statement }) =>
      statement === undefined
        ? []
        : typesNamedBy(statement)
            .filter((type) => !exported.has(type))
            .map((type) => `${entrance} ${name} names ${type.name}`),
    )
    expect(missing).toEqual([])
  })

  test('say what they are', () => {
    expect(namesWhere(({ statement }) => statement?.doc === '')).toEqual([])
  })

  test('that are values show how they are used', () => {
    const isValue = ({ statement }: Exported): boolean =>
      statement !== undefined && ['const', 'function', 'class'].includes(statement.kind)
    expect(namesWhere((one) => isValue(one) && one.statement?.doc.includes('@example') !== true)).toEqual([])
  })

  test('of one name are one thing', () => {
    const homes = new Map<string, Set<string>>()
    for (const { name, statement } of all())
      homes.set(name, (homes.get(name) ?? new Set()).add(statement?.file ?? 'another package'))
    expect([...homes].filter(([, files]) => files.size > 1).map(([name]) => name)).toEqual([])
  })
})
