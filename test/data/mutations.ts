/** Damage to files: what a disk, a cable or an attacker makes of bytes. The same for every format. */

/** Numbers from 0 (inclusive) to 1 (exclusive), the same for the same seed. */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Mutation {
  readonly bytes: Buffer
  /** What was done, to repeat it by hand. */
  readonly what: string
}

/** One damage of one kind, somewhere: mostly a single bit. */
export const mutationOf = (whole: Uint8Array, random: () => number): Mutation => {
  const bytes = Buffer.from(whole)
  const place = (): number => Math.floor(random() * bytes.length)
  const kind = random()
  if (kind < 0.5) {
    const [at, bit] = [place(), Math.floor(random() * 8)]
    bytes[at] = (bytes[at] as number) ^ (1 << bit)
    return { bytes, what: `bit ${bit} of byte ${at}` }
  }
  if (kind < 0.7) {
    const [at, value] = [place(), [0, 1, 0x7f, 0x80, 0xff][Math.floor(random() * 5)] as number]
    bytes[at] = value
    return { bytes, what: `byte ${at} is ${value}` }
  }
  if (kind < 0.8) {
    const [at, length] = [place(), 1 + Math.floor(random() * 8)]
    bytes.fill(0xff, at, Math.min(bytes.length, at + length))
    return { bytes, what: `${length} bytes from ${at} are 255` }
  }
  if (kind < 0.87) {
    const at = place()
    return { bytes: bytes.subarray(0, at), what: `cut at ${at}` }
  }
  if (kind < 0.94) {
    const [from, to, length] = [place(), place(), 1 + Math.floor(random() * 16)]
    bytes.copyWithin(to, from, from + length)
    return { bytes, what: `${length} bytes from ${from} at ${to} too` }
  }
  const [at, length] = [place(), 1 + Math.floor(random() * 8)]
  return {
    bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
    what: `without ${length} bytes from ${at}`,
  }
}

/** A single bit, each in turn. */
export function* flippedBits(whole: Uint8Array): Generator<Mutation> {
  for (let at = 0; at < whole.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ (1 << bit)
      yield { bytes, what: `bit ${bit} of byte ${at}` }
    }
}
