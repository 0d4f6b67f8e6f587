import * as fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { bytes, text } from '../../src/data/index.js'
import { encodedBytes, keep, load, problemIn, removeFolders, roundTrip, warm } from './artifact.js'

afterAll(removeFolders)

test('any well-formed text comes back, byte order marks and line ends included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '\uFEFFa', 'a\r\nb\n', '\0'),
      ),
      async (value) => {
        expect(await roundTrip(text(), value)).toBe(value)
        expect(await warm(text(), value)).toEqual({ value, settled: true })
      },
    ),
    { numRuns: 60 },
  )
  expect(await readFile((await keep(text(), 'Größe\n')).path, 'utf8')).toBe('Größe\n')
})

test('lone surrogates are refused with their position', async () => {
  expect(await problemIn(() => encodedBytes(text(), 'a😀\uDC00b'))).toEqual({
    name: 'FormatProblem',
    path: '',
    message: 'a lone surrogate at character 3; UTF-8 cannot hold it',
    hint: 'repair it with value.toWellFormed(), or keep it with json(t.string)',
  })
  expect((await problemIn(() => encodedBytes(text(), 7))).message).toBe('expected a string, got 7')
})

test('bytes come back as a plain Uint8Array of their own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (value) => {
      expect(await roundTrip(bytes(), value)).toStrictEqual(value)
      expect(await roundTrip(bytes(), Buffer.from(value))).toStrictEqual(value)
    }),
    { numRuns: 40 },
  )
  const buffer = Buffer.from('abc')
  const settled = (await warm(bytes(), buffer)).value
  buffer[0] = 0
  expect([settled, settled.constructor]).toEqual([Uint8Array.of(97, 98, 99), Uint8Array])
})

test('other typed arrays are refused, and text that is no UTF-8', async () => {
  expect((await problemIn(() => encodedBytes(bytes(), new Float64Array(1)))).message).toBe(
    'expected a Uint8Array, got Float64Array',
  )
  expect((await problemIn(() => encodedBytes(bytes(), new ArrayBuffer(1)))).hint).toBe('return new Uint8Array(buffer)')
  const kept = await keep(bytes(), Uint8Array.of(0xff, 0xfe))
  expect((await problemIn(() => load(text(), kept))).message).toBe('not UTF-8 text')
})
