// Folders that cannot be made, or that others make or remove meanwhile. In some the system makes none and says ENOENT:
// in /proc, or at the place of an automounter.
import * as fs from 'node:fs'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, type FileSystem } from '../../src/adapters/file-store/file-system.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { mapBucket } from './map-bucket.js'
import { emptyFolder, inProcess, projectFiles, remove, write } from '../cli/fixture.js'

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, projectFiles)
})
afterEach(() => remove(folder))

test.skipIf(!existsSync('/proc/self'))('a store there fails with the reason, and does not hang', async () => {
  for (const store of ['/proc/taskchain', '/proc/taskchain/tasks'])
    expect(await inProcess(folder, ['run', 'films', '--store', store])).toMatchObject({
      code: 1,
      err: expect.stringContaining("no such file or directory, mkdir '/proc/taskchain'"),
    })
})

test.skipIf(!existsSync('/proc/self'))('a cache there fails with the reason, also for items', async () => {
  const store = storeOfObjects({ bucket: mapBucket(), cache: { folder: '/proc/taskchain', maxBytes: 1e9 } })
  await expect(store.items.open({ folder: 'shop/scored', name: 'items' })).rejects.toThrow('/proc/taskchain')
})

/** Another process does something just before the first folder is made. */
const meanwhile = (act: () => void): FileSystem => {
  let isFirst = true
  const mkdir = ((...given: Parameters<typeof mkdirSync>) => {
    if (isFirst) act()
    isFirst = false
    return mkdirSync(...given)
  }) as FileSystem['mkdirSync']
  return { ...fs, mkdirSync: mkdir }
}

test('another process may make the folder, or remove the one above it, at the same time', () => {
  const [above, inside] = [join(folder, 'above'), join(folder, 'above', 'a', 'b')]
  mkdirSync(above)
  makeFolder(
    meanwhile(() => mkdirSync(inside, { recursive: true })),
    inside,
  )
  expect(existsSync(inside)).toBe(true)
  rmSync(join(above, 'a'), { recursive: true })
  makeFolder(
    meanwhile(() => rmSync(above, { recursive: true })),
    inside,
  )
  expect(existsSync(inside)).toBe(true)
})

test('a file in the way is refused, at the folder and above it', () => {
  write(folder, { file: '' })
  expect(() => makeFolder(fs, join(folder, 'file'))).toThrow('EEXIST')
  expect(() => makeFolder(fs, join(folder, 'file', 'a', 'b'))).toThrow('ENOTDIR')
})
