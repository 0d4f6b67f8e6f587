// The public surface: what each entrance exports, written down so that a change of it is seen in review.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { entrances, exportsOf, surface, typesNamedBy, type Exported } from './surface.js'

beforeAll(builtOnce)

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
}

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

test('published types name no package that may not be installed', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(report, '../package.json'), 'utf8')) as Manifest
  const dist = join(report, '../dist')
  const naming = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(dist, file), 'utf8').matchAll(/^(?! *\*).*(?:from|import\() ?['"]([^'".][^'"]*)['"]/gm),
      )
        .map(([, name = '']) => name)
        .filter((name) => Object.keys(peerDependencies).some((peer) => name === peer || name.startsWith(`${peer}/`)))
        .map((name) => `${file} names ${name}`),
    )
  expect(naming).toEqual([])
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
