import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address, Saved } from '../../src/runtime/ports/artifact.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { emitRunInfo, type RunInfo } from '../../src/runtime/run-info/run-info.js'

/** Artifacts for tests of stores. */

/** A run info as the runtime writes it, as far as stores read it. */
export const runInfoFor = (address: Address, saved: Saved | undefined): string =>
  emitRunInfo({
    schema: 1,
    task: { name: 'movies:all_movies', module: null },
    key: address.key,
    code_fingerprint: null,
    data:
      saved === undefined
        ? null
        : {
            format: 'json',
            extension: address.extension,
            size: saved.size,
            checksum: saved.checksum,
            ...(saved.content === undefined ? {} : { content: saved.content }),
            ...(saved.beside === undefined ? {} : { beside: saved.beside }),
          },
    peak_memory: 0,
    attempts: 1,
  } as Partial<RunInfo> as RunInfo)

/** Stages, writes and commits a text. */
export const put = async (store: Store, address: Address, text: string): Promise<string> => {
  const staging = await store.stage(address, 'file')
  const saved = await staging.write(Buffer.from(text))
  return staging.commit(runInfoFor(address, saved))
}

/** Stages a folder, fills it with files and commits it. */
export const putFolder = async (
  store: Store,
  address: Address,
  files: Readonly<Record<string, string>>,
): Promise<string> => {
  const staging = await store.stage(address, 'folder')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(staging.directory as string, name), text)
  return staging.commit(runInfoFor(address, await staging.measure()))
}

/** Text under an address, or why there is none. */
export const get = async (store: Store, address: Address): Promise<string> => {
  const found = await openArtifact(store, address)
  if ('reason' in found) return `miss: ${found.reason}`
  return found.source === undefined ? `folder: ${found.directory}` : Buffer.from(await found.source.bytes()).toString()
}

/** A run info of what keeps no data. */
export const putRunInfo = async (store: Store, address: Address, runInfo: string): Promise<string> =>
  (await store.stage(address, 'nothing')).commit(runInfo)
