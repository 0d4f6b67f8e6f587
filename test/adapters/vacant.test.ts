// A result that replaces nothing takes a short way: what others have left under its key is looked for all the same.
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { runInfoFor } from './artifacts.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-vacant-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const address: Address = { folder: 'tasks/one', key: 'a'.repeat(32), extension: 'txt' }
const other: Address = { ...address, key: 'b'.repeat(32) }
const path = (ending: string): string => join(root, address.folder, `${address.key}.${ending}`)

/** Computes as a run does: under a lease, after a look. */
const make = async (store: FullStore, at: Address): Promise<void> => {
  const lease = await store.lease(at, { signal: new AbortController().signal, waiting: () => undefined })
  await store.open(at)
  const staging = await store.stage(at, 'file')
  const saved = await staging.write(Buffer.from('text'))
  await staging.commit(runInfoFor(at, saved))
  await lease.release()
}

const stateOf = async (at: Address): Promise<string> => {
  const found = await openArtifact(fileStore(root), at)
  return 'reason' in found ? found.reason : 'valid'
}

describe('in a folder that this process has made', () => {
  it('mark and log of an artifact that was removed by hand end with the next result', async () => {
    const store = fileStore(root)
    for (const removed of [['txt'], ['txt', 'run_info.yaml']]) {
      await make(store, address)
      fs.writeFileSync(path('stale'), 'by hand\n')
      fs.writeFileSync(path('log'), 'a line of the former run\n')
      for (const ending of removed) fs.rmSync(path(ending))
      await make(store, address)
      expect([await stateOf(address), fs.existsSync(path('log'))]).toEqual(['valid', false])
    }
  })

  it('what others have left there since, after removing it, ends with the next result', async () => {
    const [store, second] = [fileStore(root), fileStore(root)]
    await make(store, other)
    fs.rmSync(join(root, address.folder), { recursive: true })
    await make(second, other)
    fs.writeFileSync(path('stale'), 'by hand\n')
    fs.writeFileSync(path('log'), 'a line of another run\n')
    await make(store, address)
    expect([await stateOf(address), fs.existsSync(path('log'))]).toEqual(['valid', false])
  })
})
