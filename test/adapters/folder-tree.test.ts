import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examineTree, measureTree, readTree } from '../../src/adapters/file-store/folder-tree.js'

let root = ''
beforeEach(() => (root = fs.mkdtempSync(join(tmpdir(), 'taskchain-tree-'))))
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const make = (files: Readonly<Record<string, Uint8Array>>, folder = root): string => {
  for (const [name, bytes] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(folder, name)), { recursive: true })
    fs.writeFileSync(join(folder, name), bytes)
  }
  return folder
}

const trees = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,3}(\/[A-Z]{1,2})?\.dat$/), bytes: fc.uint8Array({ maxLength: 200 }) }),
  { minLength: 1, maxLength: 8, selector: ({ name }) => name },
)

describe('a folder that is read', () => {
  it('has a checksum of contents that any flipped bit changes, and that of names and sizes does not', async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), fc.nat(), async (tree, which, where) => {
        const folder = fs.mkdtempSync(join(root, 'one-'))
        make(Object.fromEntries(tree.map(({ name, bytes }) => [name, bytes])), folder)
        const before = await readTree(fs, folder)
        const { name, bytes } = tree[which % tree.length] as (typeof tree)[number]
        if (bytes.length === 0) return
        const other = Uint8Array.from(bytes)
        other[where % other.length] = (other[where % other.length] as number) ^ (1 << (where % 8))
        fs.writeFileSync(join(folder, name), other)
        const after = await readTree(fs, folder)
        expect([after.size, after.checksum, after.content === before.content]).toEqual([
          before.size,
          before.checksum,
          false,
        ])
        await expect(examineTree(fs, folder, before.content)).rejects.toMatchObject({ name: 'DamagedArtifact' })
      }),
      { numRuns: 60 },
    )
  })

  it('is the same whatever order its files were written in', async () => {
    const files = { 'b.txt': Buffer.from('two'), 'a/c.txt': Buffer.from('three'), 'a.txt': Buffer.from('one') }
    const one = make(files, join(root, 'one'))
    const other = make(Object.fromEntries(Object.entries(files).reverse()), join(root, 'other'))
    expect(await readTree(fs, other)).toEqual(await readTree(fs, one))
    expect(await readTree(fs, one)).toMatchObject(await measureTree(fs, one))
  })

  it('two files that changed places are another content', async () => {
    const one = make({ 'a.txt': Buffer.from('one'), 'b.txt': Buffer.from('two') }, join(root, 'one'))
    const other = make({ 'a.txt': Buffer.from('two'), 'b.txt': Buffer.from('one') }, join(root, 'other'))
    expect((await readTree(fs, other)).content).not.toBe((await readTree(fs, one)).content)
  })

  it('large files are read in pieces, to their last byte', async () => {
    const large = Buffer.alloc(9_000_001, 'large ')
    make({ 'large.bin': large })
    const { content } = await readTree(fs, root)
    expect(content).toBe(
      crc32(`large.bin\0${large.length}\0${crc32(large)}\n`)
        .toString(16)
        .padStart(8, '0'),
    )
    large[large.length - 1] = 0
    make({ 'large.bin': large })
    await expect(examineTree(fs, root, content)).rejects.toThrow(
      /contents of the files in .* are not those of the run info/,
    )
  })

  it('opens its files, which measuring by names and sizes never does', async () => {
    make({ 'a.txt': Buffer.from('one'), 'b/large.bin': Buffer.alloc(2_000_000) })
    const opened: string[] = []
    const noting = (path: unknown): void => void opened.push(String(path).slice(root.length + 1))
    const watched = {
      ...fs,
      readFileSync: (path: string) => (noting(path), fs.readFileSync(path)),
      openSync: (path: string) => (noting(path), fs.openSync(path, 'r')),
      promises: { ...fs.promises, open: (path: string) => (noting(path), fs.promises.open(path)) },
    } as unknown as typeof fs
    await measureTree(watched, root)
    expect(opened).toEqual([])
    await readTree(watched, root)
    expect(opened.sort()).toEqual(['a.txt', 'b/large.bin'])
  })

  it('of links and empty folders has the names only; what a link leads to is not read', async () => {
    const outside = make({ 'secret.txt': Buffer.from('one') }, fs.mkdtempSync(join(tmpdir(), 'taskchain-outside-')))
    const folder = join(root, 'artifact')
    fs.mkdirSync(join(folder, 'empty'), { recursive: true })
    fs.symlinkSync(join(outside, 'secret.txt'), join(folder, 'link'))
    const before = await readTree(fs, folder)
    make({ 'secret.txt': Buffer.from('two') }, outside)
    expect(await readTree(fs, folder)).toEqual(before)
    fs.rmSync(outside, { recursive: true })
    expect([await readTree(fs, folder), before.size]).toEqual([before, 0])
  })

  it('of an earlier version, without such a checksum, is read and passes', async () => {
    make({ 'a.txt': Buffer.from('one') })
    expect(await examineTree(fs, root, undefined)).toBe(3)
  })
})
