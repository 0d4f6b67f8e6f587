import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { checkpoint, directory } from '../../src/data/index.js'
import { defineTask } from '../../src/declare/task.js'
import { gate, open } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-own-lease-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const fill = async (dir: string, whileItRuns: () => unknown): Promise<void> => {
  fs.writeFileSync(join(dir, 'one'), '1')
  await whileItRuns()
}
/** A task of each way to keep a value, during which something happens, and one that has nothing to do with it. */
const tasks = (whileItRuns: () => unknown) => ({
  p: {
    file: defineTask({ data: t.number }).run(async () => (await whileItRuns(), 1)),
    folder: defineTask({ data: directory() }).run((_, { dir }) => fill(dir, whileItRuns)),
    steps: defineTask({ data: checkpoint() }).run((_, { dir }) => fill(dir, whileItRuns)),
    other: defineTask({ data: t.number }).run(() => 2),
  },
})
const kinds = ['file', 'folder', 'steps'] as const
const keptOf = (name: string): readonly string[] => {
  const folder = join(root, 'p', name)
  return fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((one) => /^\w{32}(\.json|\.run_info.yaml)?$/.test(one))
    : []
}

/**
 * A disk that refuses to read leases in a folder after the first so many looks, and to stat one once: who gives it back
 * may look at it.
 */
const failing = (name: string, after: number, code: string): { fileSystem: FileSystem; refused: () => number } => {
  let looks = 0
  let hasRefused = false
  const isRefused = (path: unknown): boolean =>
    String(path).includes(`/${name}/`) && String(path).endsWith('.lease') && looks++ >= after
  const error = (call: string): Error => Object.assign(new Error(`${code}: refused, ${call}`), { code, syscall: call })
  const openSync: typeof fs.openSync = (path, ...more) => {
    if (isRefused(path)) throw error('open')
    return fs.openSync(path, ...more)
  }
  const lstatSync = ((path: string, ...more: []) => {
    if (!hasRefused && isRefused(path)) {
      hasRefused = true
      throw error('lstat')
    }
    return fs.lstatSync(path, ...more)
  }) as typeof fs.lstatSync
  return { fileSystem: { ...fs, openSync, lstatSync } as FileSystem, refused: () => looks - after }
}

for (const kind of kinds) {
  describe(`a ${kind}`, () => {
    it('whose own lease the disk refuses to read is not kept: the error is the disk’s, others go on', async () => {
      for (const code of ['EIO', 'EACCES', 'ESTALE'])
        for (let after = 0; ; after++) {
          fs.rmSync(root, { recursive: true, force: true })
          const { fileSystem, refused } = failing(kind, after, code)
          const { chain } = open(
            tasks(() => undefined),
            {},
            { store: fileStore(root, { fileSystem }) },
          )
          const { failed, computed } = await chain.run()
          await chain.close()
          if (refused() <= 0) break
          const path = expect.stringMatching(new RegExp(`/p/${kind}/\\w{32}\\.lease$`)) as string
          expect([after, failed]).toMatchObject([
            after,
            [{ _tag: 'StoreUnusable', location: root, cause: { code, path } }],
          ])
          expect([computed.length, keptOf(kind)]).toEqual([3, []])
          const next = open(
            tasks(() => undefined),
            {},
            { store: fileStore(root) },
          ).chain
          expect((await next.run()).computed).toEqual([`p:${kind}`])
          await next.close()
        }
    })

    it('whose lease alone was removed is kept', async () => {
      const { chain } = open(
        tasks(() => {
          for (const name of fs.readdirSync(join(root, 'p', kind)).filter((one) => one.endsWith('.lease')))
            fs.unlinkSync(join(root, 'p', kind, name))
        }),
        {},
        { store: fileStore(root) },
      )
      expect((await chain.run([`p:${kind}`])).failed).toEqual([])
      await chain.close()
      expect(keptOf(kind)).toHaveLength(2)
      expect(fs.readdirSync(join(root, 'p', kind)).filter((one) => one.endsWith('.lease'))).toEqual([])
    })

    it('whose store was removed, and used anew by another process, says that, and leaves the other’s result', async () => {
      const [asleep, woken] = [gate(), gate()]
      const { chain } = open(
        tasks(() => (asleep.open(), woken.promise)),
        {},
        { store: fileStore(root) },
      )
      const report = chain.run([`p:${kind}`])
      await asleep.promise
      fs.renameSync(root, `${root}-removed`)
      const other = open(
        tasks(() => undefined),
        {},
        { store: fileStore(root) },
      ).chain
      expect((await other.run([`p:${kind}`])).computed).toEqual([`p:${kind}`])
      await other.close()
      const before = keptOf(kind).map((name) => fs.statSync(join(root, 'p', kind, name)).ino)
      woken.open()
      expect((await report).failed).toMatchObject([{ _tag: 'StoreUnusable', cause: { code: 'ENOENT' } }])
      await chain.close()
      fs.rmSync(`${root}-removed`, { recursive: true })
      expect(keptOf(kind).map((name) => fs.statSync(join(root, 'p', kind, name)).ino)).toEqual(before)
    })
  })
}
