import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checksumText, crc32 } from '../../src/adapters/file-store/checksum.js'

it('is CRC-32 as everybody has it', () => {
  expect([checksumText(crc32(Buffer.from('123456789'))), checksumText(crc32(new Uint8Array()))]).toEqual([
    'cbf43926',
    '00000000',
  ])
})

it('is the same at once and in parts, empty ones too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(crc32(bytes))
    }),
  )
})

it('an empty piece changes nothing, whatever came before it', () => {
  const before = crc32(Buffer.from('taskchain'))
  expect(crc32(new Uint8Array(new ArrayBuffer(0)), before)).toBe(before)
})
