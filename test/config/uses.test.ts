import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { documentOf } from '../../src/config/document.js'
import { resolveOrigin, usesOf } from '../../src/config/uses.js'
import { right } from './reading.js'

const root = '/home/me/project'

describe('paths', () => {
  test.each([
    ['configs/a.yaml', 'b.yaml', 'configs/b.yaml'],
    ['configs/a.yaml', './b.yaml', 'configs/b.yaml'],
    ['configs/a.yaml', '../b.yaml', 'b.yaml'],
    ['configs/a.yaml', '../../b.yaml', '../b.yaml'],
    ['a.yaml', 'x//y/../b.yaml', 'x/b.yaml'],
    ['a.yaml', '', 'a.yaml'],
    ['../outside/a.yaml', 'b.yaml', '../outside/b.yaml'],
    ['configs/a.yaml', '/home/me/project/x/b.yaml', 'x/b.yaml'],
    ['configs/a.yaml', '/home/me/other/b.yaml', '../other/b.yaml'],
    ['configs/a.yaml', '/b.yaml', '../../../b.yaml'],
    ['config', 'b.yaml', 'b.yaml'],
  ])('from %s, %j is %s', (from, given, expected) => {
    expect(resolveOrigin(from, given, { root })).toEqual(E.right(expected))
  })

  test('without a root absolute paths stay absolute', () => {
    expect(resolveOrigin('a.yaml', '/x/../y/b.yaml', { root: undefined })).toEqual(E.right('/y/b.yaml'))
    expect(resolveOrigin('/y/a.yaml', 'b.yaml', { root: undefined })).toEqual(E.right('/y/b.yaml'))
  })

  test.each(['a\\b.yaml', 'a\0.yaml', 'x'.repeat(5000)])('%j is no path', (given) => {
    expect(E.isLeft(resolveOrigin('a.yaml', given, { root }))).toBe(true)
  })

  test('is what node:path says', () => {
    const segment = fc.constantFrom('a', 'b.yaml', '..', '.', '', 'c d')
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 6 }),
        fc.array(segment, { minLength: 1, maxLength: 6 }),
        (from, given) => {
          const wanted = given.join('/')
          fc.pre(wanted !== '' && !wanted.startsWith('/') && !from.join('/').startsWith('/'))
          const expected = path.posix.join(path.posix.dirname(`${from.join('/')}/x.yaml`.replace(/^\/+/, '')), wanted)
          const found = resolveOrigin(`${from.join('/')}/x.yaml`.replace(/^\/+/, ''), wanted, { root })
          expect(found).toEqual(E.right(expected === '.' ? '' : expected.replace(/\/$/, '').replace(/^\.$/, '')))
        },
      ),
    )
  })
})

describe('entries of uses', () => {
  const uses = (...texts: readonly string[]): ReturnType<typeof usesOf> =>
    usesOf('configs/a.yaml', right(documentOf('configs/a.yaml', { uses: texts })).parts.get('')?.uses ?? [], {
      text: (text) => text.replaceAll('{DIR}', '/home/me/project/shared').replaceAll('{NS}', 'filled'),
      root,
    })
  const short = (...texts: readonly string[]): unknown =>
    uses(...texts).entries.map(({ origin, part, namespace }) => [origin, part, namespace])

  test('path, part and namespace', () => {
    expect(
      short(
        'b.yaml',
        'b.yaml#part',
        '#part',
        'b.yaml as ns',
        'b.yaml#part as a::b',
        '#part as ns',
        '{DIR}/c.yaml as {NS}',
        ' b.yaml   as   ns ',
      ),
    ).toEqual([
      ['configs/b.yaml', undefined, ''],
      ['configs/b.yaml', 'part', ''],
      ['configs/a.yaml', 'part', ''],
      ['configs/b.yaml', undefined, 'ns'],
      ['configs/b.yaml', 'part', 'a::b'],
      ['configs/a.yaml', 'part', 'ns'],
      ['shared/c.yaml', undefined, 'filled'],
      ['configs/b.yaml', undefined, 'ns'],
    ])
  })

  test('the last " as " counts, and "as" inside of a name does not', () => {
    expect(short('same as before.yaml as ns', 'bas asset.yaml')).toEqual([
      ['configs/same as before.yaml', undefined, 'ns'],
      ['configs/bas asset.yaml', undefined, ''],
    ])
  })

  test.each([
    'b.yaml as a/b',
    'b.yaml as ',
    'b.yaml as',
    'b.yaml as ::a',
    'b.yaml as a:b',
    'b.yaml as ..',
    'b.yaml as my ns',
    'b.yaml as con',
  ])('%j has a namespace that is none', (text) => {
    expect(uses(text)).toMatchObject({ entries: [], errors: [{ _tag: 'UnsafeName', what: 'namespace' }] })
  })

  test('wrong entries are told, the others still given', () => {
    const { entries, errors } = uses('a\\b.yaml', '', 'c.yaml')
    expect(errors.map((error) => error._tag)).toEqual(['UnknownPath', 'UnknownPath'])
    expect(entries.map((entry) => entry.origin)).toEqual(['configs/c.yaml'])
  })
})
