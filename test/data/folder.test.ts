import { afterAll, expect, expectTypeOf, test } from 'vitest'
import { checkpoint, directory, inMemory, type DirectoryPath } from '../../src/data/index.js'
import type { FolderPersistence, Format, Returned, Tools, Unfinished } from '../../src/declare/format.js'
import { removeFolders } from './artifact.js'

afterAll(removeFolders)

const folder = (format: Format<any, any, any>): FolderPersistence => format.persistence as FolderPersistence

test('directory gives run a folder, and readers its path', async () => {
  const { storage, tools, read } = folder(directory())
  expect([storage, tools({ directory: 'there', resumed: false }), await read('done')]).toEqual([
    'folder',
    { dir: 'there' },
    'done',
  ])
  expectTypeOf<ReturnType<typeof directory>['_A']>().toEqualTypeOf<DirectoryPath>()
  expectTypeOf<Tools<ReturnType<typeof directory>>>().toEqualTypeOf<{ readonly dir: string }>()
})

test('checkpoint tells whether it resumes, and may stop unfinished', () => {
  const { storage, tools } = folder(checkpoint())
  const given = tools({ directory: 'there', resumed: true }) as {
    dir: string
    resumed: boolean
    unfinished: (reason: string) => Unfinished
  }
  expect([storage, given.dir, given.resumed]).toEqual(['checkpoint', 'there', true])
  expect(given.unfinished('no quota')).toEqual({ _tag: 'Unfinished', reason: 'no quota' })
  expectTypeOf<Returned<ReturnType<typeof checkpoint>>>().toEqualTypeOf<void | Unfinished>()
})

test('inMemory is never on disk', () => {
  expect(inMemory<Date>().persistence).toEqual({ storage: 'memory' })
})
