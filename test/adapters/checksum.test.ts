import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checksumText, crc32, tableCrc32 } from '../../src/adapters/file-store/checksum.js'

it('is CRC-32 as everybody has it', () => {
  for (const one of [crc32, tableCrc32])
    expect([checksumText(one(Buffer.from('123456789'))), checksumText(one(new Uint8Array()))]).toEqual([
      'cbf43926',
      '00000000',
    ])
})

it('the tables and Node agree, at once and in parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      expect(tableCrc32(bytes)).toBe(crc32(bytes))
      expect(tableCrc32(bytes.subarray(at), tableCrc32(bytes.subarray(0, at)))).toBe(crc32(bytes))
    }),
  )
})

it('an empty piece changes nothing, whatever came before it', () => {
  const before = crc32(Buffer.from('taskchain'))
  expect([crc32(new Uint8Array(new ArrayBuffer(0)), before), tableCrc32(new Uint8Array(0), before)]).toEqual([
    before,
    before,
  ])
})
