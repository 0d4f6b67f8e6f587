// A folder in which the system makes none, and says ENOENT: /proc, or the place of an automounter.
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
