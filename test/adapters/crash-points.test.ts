import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { runInfoFor } from './artifacts.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-crash-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const key = 'a'.repeat(32)
/** `vacant`: a file whose lease is taken and under whose key the store is asked first, as a run does. */
type Kind = 'file' | 'vacant' | 'folder' | 'checkpoint'
const isFile = (kind: Kind): boolean => kind === 'file' || kind === 'vacant'
const addressOf = (kind: Kind): Address => ({ folder: 'tasks/one', key, extension: isFile(kind) ? 'txt' : null })

/**
 * A file system on which everything fails from the `last`-th call on, cleaning up included: what a kill at that moment
 * leaves.
 */
const dyingAfter = (last: number): { readonly fileSystem: FileSystem; readonly calls: () => number } => {
  let calls = 0
  const changes = Object.fromEntries(
    (
      [
        'openSync',
        'writeSync',
        'closeSync',
        'renameSync',
        'unlinkSync',
        'rmSync',
        'writeFileSync',
        'linkSync',
        'mkdirSync',
      ] as const
    ).map((name) => [
      name,
      (...args: unknown[]): unknown => {
        if (calls++ >= last) throw Object.assign(new Error('killed'), { code: 'KILLED' })
        return (fs[name] as (...args: unknown[]) => unknown)(...args)
      },
    ]),
  )
  return { fileSystem: { ...fs, ...changes }, calls: () => calls }
}

/** Commits data that tells its version, of one size whatever it is; so does the run info. */
const commit = async (store: Store, kind: Kind, version: string): Promise<void> => {
  const address = addressOf(kind)
  const lease =
    kind === 'vacant'
      ? await store.lease(address, { signal: new AbortController().signal, waiting: () => undefined })
      : undefined
  if (lease !== undefined) await store.open(address)
  const staging = await store.stage(address, kind === 'vacant' ? 'file' : kind)
  if (staging.directory !== undefined) fs.writeFileSync(join(staging.directory, 'data'), version)
  const saved = staging.directory === undefined ? await staging.write(Buffer.from(version)) : await staging.measure()
  await staging.commit(`version: ${version}\n${runInfoFor(address, saved)}`)
  await lease?.release()
}

/** Version of data and of run info, or why there is none. */
const versions = async (kind: Kind): Promise<string> => {
  const found = await openArtifact(fileStore(root), addressOf(kind))
  if ('reason' in found) return found.reason
  const data =
    found.source === undefined
      ? fs.readFileSync(join(found.directory as string, 'data'), 'utf8')
      : Buffer.from(await found.source.bytes()).toString()
  return `${data} with run info of ${/^version: (.*)$/m.exec(found.runInfo)?.[1]}`
}

for (const kind of ['file', 'vacant', 'folder', 'checkpoint'] as const) {
  it(`a ${kind} whose commit is killed at any call is the old one, the new one or a miss, and the next run mends it`, async () => {
    for (const before of [undefined, 'old']) {
      const seen: string[] = []
      for (let last = 0; ; last++) {
        fs.rmSync(root, { recursive: true })
        if (before !== undefined) await commit(fileStore(root), kind, before)
        const dying = dyingAfter(last)
        const ended = await commit(
          fileStore(root, { durability: 'none', fileSystem: dying.fileSystem }),
          kind,
          'new',
        ).then(
          () => true,
          () => false,
        )
        fs.rmSync(join(root, 'tasks/one', `${key}.lease`), { force: true }) // as of a process that is dead
        seen.push(await versions(kind))
        // No checksum would have told: data and run info of two runs must never meet.
        expect([
          'absent',
          'no data',
          'no run info',
          'stale',
          'old with run info of old',
          'new with run info of new',
        ]).toContain(seen.at(-1))
        await commit(fileStore(root), kind, 'mended'.slice(0, 3))
        expect(await versions(kind)).toBe('men with run info of men')
        if (ended && dying.calls() <= last) break
      }
      // The old one stays as long as nothing has been given its name, and the last call of all is not what makes the
      // new one visible.
      expect([seen[0], seen.at(-1)]).toEqual([
        before === undefined ? 'absent' : 'old with run info of old',
        'new with run info of new',
      ])
      expect(seen.length).toBeGreaterThan(4)
    }
  })
}

it('a removal that is killed at any call leaves the whole artifact or a miss', async () => {
  for (const kind of ['file', 'folder'] as const) {
    for (let last = 0; ; last++) {
      fs.rmSync(root, { recursive: true })
      await commit(fileStore(root), kind, 'old')
      const dying = dyingAfter(last)
      const ended = await fileStore(root, { fileSystem: dying.fileSystem })
        .remove(addressOf(kind))
        .then(
          () => true,
          () => false,
        )
      expect(['old with run info of old', 'no data', 'absent']).toContain(await versions(kind))
      if (ended && dying.calls() <= last) break
    }
  }
})
