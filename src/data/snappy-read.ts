import { DamagedArtifact } from '../declare/format.js'

/** Bytes of Snappy's block format, unpacked. Throws `DamagedArtifact` where they do not give exactly so many bytes. */
export const snappyUnpacked = (input: Uint8Array, length: number): Uint8Array => {
  const output = new Uint8Array(length)
  let at = 0
  let out = 0
  while (at < input.length && (input[at] as number) >= 0x80) at++ // the length, which the page's header has said
  at++
  while (at < input.length) {
    const tag = input[at++] as number
    const kind = tag & 3
    const extra = kind === 0 ? Math.max(0, (tag >>> 2) - 59) : kind === 3 ? 4 : kind
    if (at + extra > input.length) throw damaged()
    const number = littleEndian(input, at, extra)
    at += extra
    if (kind === 0) {
      const count = (extra === 0 ? tag >>> 2 : number) + 1
      if (at + count > input.length || out + count > length) throw damaged()
      if (count <= 16) for (const end = at + count; at < end;) output[out++] = input[at++] as number
      else {
        output.set(input.subarray(at, at + count), out)
        at += count
        out += count
      }
    } else {
      const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const back = kind === 1 ? ((tag >>> 5) << 8) + number : number
      if (back === 0 || back > out || out + count > length) throw damaged()
      // a copy may reach into what it writes: it repeats
      for (let from = out - back, end = out + count; out < end;) output[out++] = output[from++] as number
    }
  }
  if (out !== length) throw damaged()
  return output
}

const damaged = (): DamagedArtifact => new DamagedArtifact('a page does not unpack')

const littleEndian = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let index = 0; index < count; index++) value += (bytes[at + index] as number) * 2 ** (8 * index)
  return value
}
