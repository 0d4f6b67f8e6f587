/** A range of bytes of a text. */
export interface LineRange {
  readonly start: number
  readonly end: number
}

/** Where the lines of a text are, by the name of each: twelve bytes a line, so that a text need not be read again. */
export interface SegmentLines {
  /** Lines that may have one of these names, in their order. */
  of(names: Iterable<string>): readonly LineRange[]
}

/** `nameOf` gets the first letters of a line. Lines without a name are left out. */
export const segmentLines = (bytes: Buffer, nameOf: (line: string) => string | undefined): SegmentLines => {
  const found: (LineRange & { readonly hash: number })[] = []
  for (let start = 0; start < bytes.length; ) {
    const next = bytes.indexOf(10, start)
    const end = next === -1 ? bytes.length : next
    const name = nameOf(bytes.toString('latin1', start, Math.min(end, start + longestName)))
    if (name !== undefined) found.push({ start, end, hash: hashOf(name) })
    start = end + 1
  }
  found.sort((one, other) => one.hash - other.hash)
  const hashes = Uint32Array.from(found, ({ hash }) => hash)
  const starts = Uint32Array.from(found, ({ start }) => start)
  const ends = Uint32Array.from(found, ({ end }) => end)
  return {
    of: (names) => {
      const places = new Map<number, LineRange>()
      for (const name of names) {
        const hash = hashOf(name)
        for (let at = firstAt(hashes, hash); hashes[at] === hash; at++)
          places.set(at, { start: starts[at] ?? 0, end: ends[at] ?? 0 })
      }
      return [...places.values()].toSorted((one, other) => one.start - other.start)
    },
  }
}

const longestName = 2048

/** FNV-1a. */
const hashOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Index of the first value that is not smaller. */
const firstAt = (sorted: Uint32Array, value: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
