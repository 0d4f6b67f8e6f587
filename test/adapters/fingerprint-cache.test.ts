import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fingerprintCache } from '../../src/adapters/project/fingerprint-cache.js'

const root = mkdtempSync(join(tmpdir(), 'taskchain-fingerprints-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const [one, other] = ['ast-0123456789abcdef', 'ast-fedcba9876543210']

/** What a process with the cache learns, then what the next one finds. */
const keep = (file: string, maker: string, source: string, fingerprint: string): void => {
  const { fingerprints, save } = fingerprintCache(file, maker)
  fingerprints.add(source, fingerprint)
  save()
}
const found = (file: string, maker: string, source: string): string | undefined =>
  fingerprintCache(file, maker).fingerprints.of(source)

test('a later process finds what an earlier one made, of the same source and by the same code only', () => {
  const file = join(root, 'kept', 'fingerprints')
  keep(file, 'core-1.js', '() => 1', one)
  keep(file, 'core-1.js', '() => 2', other)
  expect([found(file, 'core-1.js', '() => 1'), found(file, 'core-1.js', '() => 2')]).toEqual([one, other])
  expect(found(file, 'core-1.js', '() => 3')).toBeUndefined()
  expect(found(file, 'core-2.js', '() => 1')).toBeUndefined()
  keep(file, 'core-2.js', '() => 3', other)
  expect(found(file, 'core-2.js', '() => 1')).toBeUndefined()
  expect(readdirSync(join(root, 'kept'))).toEqual(['fingerprints'])
})

test('a file that is cut, flipped or filled with something else is as good as none, and is written anew', () => {
  const file = join(root, 'fingerprints')
  keep(file, 'core-1.js', '() => 1', one)
  const text = readFileSync(file, 'utf8')
  const broken = Array.from(text, (letter, at) => text.slice(0, at) + (letter === '0' ? '1' : '0') + text.slice(at + 1))
  for (const damaged of [...broken, ...Array.from(text, (_, at) => text.slice(0, at)), '\0'.repeat(100_000)]) {
    writeFileSync(file, damaged)
    expect(found(file, 'core-1.js', '() => 1')).toBeUndefined()
  }
  keep(file, 'core-1.js', '() => 1', one)
  expect(found(file, 'core-1.js', '() => 1')).toBe(one)
})

test('a place that cannot be written or read keeps nothing, without an error', () => {
  mkdirSync(join(root, 'folder'))
  keep(join(root, 'folder'), 'core-1.js', '() => 1', one)
  writeFileSync(join(root, 'file'), '')
  keep(join(root, 'file', 'fingerprints'), 'core-1.js', '() => 1', one)
  expect(found(join(root, 'file', 'fingerprints'), 'core-1.js', '() => 1')).toBeUndefined()
  expect(readdirSync(root).toSorted()).toEqual(['file', 'fingerprints', 'folder', 'kept'])
})

test('a pipe or a device in its place is not read', () => {
  const device = join(root, 'device')
  symlinkSync('/dev/zero', device) // reading it ends only when memory does
  expect(found(device, 'core-1.js', '() => 1')).toBeUndefined()
  keep(device, 'core-1.js', '() => 1', one)
  expect(found(device, 'core-1.js', '() => 1')).toBe(one)
})

test('a file that is too long to be one of ours is not read, and is written anew', () => {
  const long = join(root, 'long')
  keep(long, 'core-1.js', '() => 1', one)
  const body = `${`${'0'.repeat(64)} ast-${'0'.repeat(16)}\n`.repeat(100_000)}${readFileSync(long, 'utf8').split('\n')[1]}`
  writeFileSync(long, `core-1.js ${createHash('sha256').update(body).digest('hex')}\n${body}`) // whole, but of 9 MB
  expect(found(long, 'core-1.js', '() => 1')).toBeUndefined()
  keep(long, 'core-1.js', '() => 1', one)
  expect(statSync(long).size).toBeLessThan(1000)
  expect(found(long, 'core-1.js', '() => 1')).toBe(one)
})
