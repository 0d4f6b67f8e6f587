import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { fullContract } from '../store.contract.js'
import { get, put, putFolder } from './artifacts.js'

fullContract('memoryStore', () => {
  const store = memoryStore()
  return { store, dispose: store.dispose }
})

const key = 'f'.repeat(32)

it('readers get copies: changing one changes nothing for the next', async () => {
  const store = memoryStore()
  const written = Buffer.from('text')
  const staging = await store.stage({ folder: 'a', key, extension: 'txt' }, 'file')
  const saved = await staging.write(written)
  written.fill(0)
  await staging.commit(
    `a: 1\ndata:\n  format: text\n  extension: txt\n  size: ${saved.size}\n  checksum: ${saved.checksum}\n`,
  )
  const found = await openArtifact(store, { folder: 'a', key, extension: 'txt' })
  if ('reason' in found) throw new Error(found.reason)
  ;(await found.source?.bytes())?.fill(0)
  expect(await get(store, { folder: 'a', key, extension: 'txt' })).toBe('text')
})

it('dispose removes the folders that it made, and what is in the store', async () => {
  const store = memoryStore()
  const path = await putFolder(store, { folder: 'a', key, extension: null }, { x: '1' })
  expect(existsSync(path)).toBe(true)
  await store.dispose()
  expect(existsSync(path)).toBe(false)
  expect(await listFolder(store, 'a')).toEqual(new Map())
  await put(store, { folder: 'a', key, extension: 'txt' }, 'text')
  expect(await get(store, { folder: 'a', key, extension: 'txt' })).toBe('text')
})
