// Large random graphs with durations, in arrays of numbers.

export const shapes = ['layers', 'any', 'chains'] as const
export type Shape = (typeof shapes)[number]

export interface Dag {
  readonly size: number
  readonly seconds: Float64Array
  /** Inputs of a node, each once; all are smaller than the node. */
  readonly inputs: (node: number) => readonly number[]
  readonly inputCount: (node: number) => number
  readonly dependents: (node: number) => Int32Array
  /** Seconds of the longest way from the start of each node to the end. */
  readonly ways: Float64Array
}

/** A number from 0 to 1, the same for the same three numbers. */
export const chance = (seed: number, one: number, other: number): number => {
  let state = Math.imul(seed + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(one + 0x7f4a7c15, 0xc2b2ae35)
  state = Math.imul(state ^ (state >>> 16) ^ Math.imul(other + 1, 0x27d4eb2f), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32
}

/** One more at a place of an array. */
export const add = (array: Uint8Array | Int32Array, at: number): number => (array[at] = (array[at] ?? 0) + 1)

/** Most nodes take up to half a minute, one in ten takes minutes. `width`: how many lie side by side. */
export const makeDag = (shape: Shape, size: number, width: number, seed: number): Dag => {
  const starts = new Int32Array(size + 1)
  const list = new Int32Array(size * 3)
  let end = 0
  for (let node = 0; node < size; node++) {
    for (let at = 0; at < 3; at++) {
      const input = inputAt(shape, node, at, width, seed)
      if (input >= 0 && !list.subarray(starts[node], end).includes(input)) list[end++] = input
    }
    starts[node + 1] = end
  }
  const inputCount = (node: number): number => (starts[node + 1] ?? 0) - (starts[node] ?? 0)
  const seconds = Float64Array.from({ length: size }, (_, node) =>
    chance(seed, node, 10) < 0.1 ? 60 + 240 * chance(seed, node, 11) : 3 + 30 * chance(seed, node, 11),
  )
  const ways = Float64Array.from(seconds)
  for (let node = size - 1; node >= 0; node--)
    for (const input of list.subarray(starts[node], starts[node + 1]))
      ways[input] = Math.max(ways[input] ?? 0, (seconds[input] ?? 0) + (ways[node] ?? 0))
  const { readers, begins } = readersOf(size, starts, list.subarray(0, end))
  return {
    size,
    seconds,
    ways,
    inputCount,
    inputs: (node) => Array.from(list.subarray(starts[node], starts[node + 1])),
    dependents: (node) => readers.subarray(begins[node], begins[node + 1]),
  }
}

/** Who reads each node, side by side, and where they begin. */
const readersOf = (size: number, starts: Int32Array, inputs: Int32Array) => {
  const begins = new Int32Array(size + 2)
  for (const input of inputs) add(begins, input + 2)
  for (let node = 2; node < size + 2; node++) begins[node] = (begins[node] ?? 0) + (begins[node - 1] ?? 0)
  const readers = new Int32Array(inputs.length)
  for (let node = 0; node < size; node++)
    for (const input of inputs.subarray(starts[node], starts[node + 1])) readers[add(begins, input + 1) - 1] = node
  return { readers, begins }
}

/** The input at one of three places; -1 where there is none. */
const inputAt = (shape: Shape, node: number, at: number, width: number, seed: number): number => {
  const isThere = at === 0 || chance(seed, node, at) < 0.5
  if (!isThere || node === 0) return -1
  const drawn = chance(seed, node, 4 + at)
  switch (shape) {
    case 'layers':
      return node < width ? -1 : (Math.floor(node / width) - 1) * width + Math.floor(drawn * width)
    case 'any':
      return Math.floor(drawn * node)
    case 'chains':
      return at === 0 && node >= width ? node - width : -1
  }
}
