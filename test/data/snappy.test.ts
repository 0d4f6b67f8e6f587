import * as fc from 'fast-check'
import { createRequire } from 'node:module'
import { snappyUncompress } from 'hyparquet'
import { expect, test } from 'vitest'
import { snappyCompressed } from '../../src/data/parquet/snappy.js'
import { snappyUnpacked } from '../../src/data/parquet/snappy-read.js'
import { mutationOf, randomNumbers } from './mutations.js'

const snappyjs = createRequire(import.meta.url)('snappyjs') as {
  readonly uncompress: (bytes: Uint8Array) => Uint8Array
} // it has no types

/** What two libraries and our own reader make of compressed bytes. */
const uncompressed = (bytes: Uint8Array, length: number): readonly Buffer[] => {
  const output = new Uint8Array(length)
  snappyUncompress(bytes, output)
  return [Buffer.from(output), Buffer.from(snappyjs.uncompress(bytes)), Buffer.from(snappyUnpacked(bytes, length))]
}

const comesBack = (bytes: Uint8Array): void => {
  const compressed = snappyCompressed(bytes)
  for (const read of uncompressed(compressed, bytes.length))
    if (!read.equals(bytes)) expect.fail(`${bytes.length} bytes do not come back`)
  expect(compressed.length).toBeLessThanOrEqual(8 + bytes.length + Math.ceil(bytes.length / 6))
}

test('any bytes come back, repeated or not', () => {
  const piece = fc
    .tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(40))
    .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => Buffer.from(bytes))))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => comesBack(Buffer.concat(pieces))),
    { numRuns: 300 },
  )
})

test('blocks of every length around the borders come back', () => {
  const text = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `The film number ${index * 7919}`).join('\n'))
  for (const border of [0, 16, 64, 128, 256, 1 << 14, 1 << 16, 1 << 17])
    for (let length = Math.max(1, border - 3); length <= border + 17; length++) comesBack(text.subarray(5, 5 + length))
  comesBack(text)
  comesBack(new Uint8Array(300_000))
})

test('repetitions shrink', () => {
  expect(snappyCompressed(new Uint8Array(1 << 16)).length).toBeLessThan(3200)
  expect(snappyCompressed(Buffer.from('abcdefgh'.repeat(1000))).length).toBeLessThan(420)
})

test('damaged bytes give as many bytes as they should, or are refused', () => {
  const text = Buffer.from(Array.from({ length: 300 }, (_, index) => `film ${index % 17} ${index}`).join('\n'))
  const whole = snappyCompressed(text)
  const random = randomNumbers(3)
  for (let run = 0; run < 3000; run++) {
    const { bytes, what } = mutationOf(whole, random)
    try {
      expect(snappyUnpacked(bytes, text.length), what).toHaveLength(text.length)
    } catch (cause) {
      expect(cause, what).toMatchObject({ name: 'DamagedArtifact' })
    }
  }
  expect(() => snappyUnpacked(whole, 2 ** 31)).toThrow('a page does not unpack')
})
