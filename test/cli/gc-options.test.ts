import { expect, test } from 'vitest'
import { parseDays, parseSize } from '../../src/cli/size-option.js'

test('sizes and ages are read, and what is none is told', () => {
  expect(['10', '1kB', '1.5 GB', '2GiB', '0'].map(parseSize)).toEqual([10, 1000, 1.5e9, 2 ** 31, 0])
  expect(['', '-1', '1 dog', 'GB', '1e3', '9999999999TB', '1.2.3'].map(parseSize)).toEqual(
    Array.from({ length: 7 }, () => undefined),
  )
  expect(['30', '0.5', '0', '-1', 'x', ''].map(parseDays)).toEqual([30, 0.5, 0, undefined, undefined, undefined])
})
