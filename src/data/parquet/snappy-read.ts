import { DamagedArtifact } from '../../declare/format.js'

/** Decompresses Snappy's block format. Throws `DamagedArtifact` if the result is not exactly `length` bytes. */
export const snappyUnpacked = (input: Uint8Array, length: number): Uint8Array => {
  if (length > 64 + input.length * 22) throw damaged() // three bytes give at most 64
  const output = new Uint8Array(length)
  let at = 0
  let out = 0
  while (at < input.length && input[at]! >= 0x80) at++ // the length, which the page's header also states
  at++
  while (at < input.length) {
    const tag = input[at++]!
    const kind = tag & 3
    if (kind === 0) {
      const long = (tag >>> 2) - 59 // bytes of the length, if it does not fit into the tag
      const count = (long > 0 ? littleEndian(input, at, long) : tag >>> 2) + 1
      if (long > 0) at += long
      if (at + count > input.length || out + count > length) throw damaged()
      if (count <= 24) for (const end = at + count; at < end; ) output[out++] = input[at++]!
      else {
        output.set(input.subarray(at, at + count), out)
        at += count
        out += count
      }
    } else {
      let count = (tag >>> 2) + 1
      let back: number
      if (kind === 1) {
        count = ((tag >>> 2) & 7) + 4
        back = ((tag >>> 5) << 8) | input[at++]!
      } else if (kind === 2) {
        back = input[at]! | (input[at + 1]! << 8)
        at += 2
      } else {
        back = littleEndian(input, at, 4)
        at += 4
      }
      if (at > input.length || !(back > 0) || back > out || out + count > length) throw damaged()
      // source and target may overlap: the copy then repeats
      for (let from = out - back, end = out + count; out < end; ) output[out++] = output[from++]!
    }
  }
  if (out !== length) throw damaged()
  return output
}

const damaged = (): DamagedArtifact => new DamagedArtifact('a page does not unpack')

const littleEndian = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let index = 0; index < count; index++) value += bytes[at + index]! * 2 ** (8 * index)
  return value
}
