import { randomBytes } from 'node:crypto'

/** Keys of 32 hex digits, numbered from 0 in the order in which they were added; about 25 bytes per key. */
export interface KeyTable {
  /** The number of a key; a new one for a new key. */
  readonly add: (key: string) => number
  /** The number of a key; -1 if it was not added. */
  readonly find: (key: string) => number
  readonly keyAt: (number: number) => string
  readonly size: () => number
}

const words = 4
const nobody = -1

export const keyTable = (): KeyTable => {
  let capacity = 1024
  let keys = new Uint32Array(capacity * words)
  let slots = new Int32Array(capacity * 2).fill(nobody)
  let size = 0

  /** The slot of a key, or the free slot for it. */
  const slotOf = (key: ArrayLike<number>, from: number): number => {
    const mask = slots.length - 1
    for (let slot = mixed(key, from) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot] ?? nobody
      if (number === nobody || isSame(keys, number * words, key, from)) return slot
    }
  }
  const grow = (): void => {
    capacity *= 2
    const before = keys
    keys = new Uint32Array(capacity * words)
    keys.set(before)
    slots = new Int32Array(capacity * 2).fill(nobody)
    for (let number = 0; number < size; number++) slots[slotOf(keys, number * words)] = number
  }
  return {
    add: (key) => {
      if (size === capacity) grow()
      const wanted = wordsOf(key)
      const slot = slotOf(wanted, 0)
      const known = slots[slot] ?? nobody
      if (known !== nobody) return known
      keys.set(wanted, size * words)
      slots[slot] = size
      return size++
    },
    find: (key) => slots[slotOf(wordsOf(key), 0)] ?? nobody,
    keyAt: (number) =>
      Array.from(keys.subarray(number * words, (number + 1) * words), (word) =>
        word.toString(16).padStart(8, '0'),
      ).join(''),
    size: () => size,
  }
}

const wordsOf = (key: string): readonly number[] =>
  [0, 8, 16, 24].map((start) => Number.parseInt(key.slice(start, start + 8), 16))

const isSame = (keys: Uint32Array, at: number, key: ArrayLike<number>, from: number): boolean => {
  for (let word = 0; word < words; word++) if (keys[at + word] !== key[from + word]) return false
  return true
}

/** Unpredictable: crafted keys that collide would make lookups take forever. */
const seed = randomBytes(4).readUInt32LE()
const mixed = (key: ArrayLike<number>, from: number): number => {
  let hash = seed
  for (let word = 0; word < words; word++) {
    hash = Math.imul(hash ^ (key[from + word] ?? 0), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}
