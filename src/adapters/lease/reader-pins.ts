import { join } from 'node:path'
import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import type { FileLeases } from './file-lease.js'
import { codeOf, diskError, kindOf, quietly, type FileSystem } from '../file-store/file-system.js'

/**
 * Who reads a folder of the store says so by a pin: a lease of its own name in `.pins` beside the artifact,
 * `<key>.<holder>-<number>`. It is the same record as that of any lease, with the same heartbeat, so a dead reader's
 * pin counts for nothing and is swept, wherever it was. Who deletes looks for pins first. They spare work only: a
 * reader looks again when it has read.
 */
export interface ReaderPins {
  /** Pins a key of a folder on disk until the answer is released. */
  pin(folder: string, key: string): Promise<Lease>
  /** Somebody who lives and reads the key; looking on until it is sure where there is a signal. */
  holder(folder: string, key: string, signal?: AbortSignal): Promise<LeaseHolder | undefined>
}

/** Name of the folder of pins. */
export const pinFolder = '.pins'

const never = new AbortController().signal

export const readerPins = (fs: FileSystem, leases: FileLeases): ReaderPins => {
  let count = 0
  return {
    pin: async (folder, key) => {
      const pins = join(folder, pinFolder)
      const prepare = (): void => makePinFolder(fs, pins)
      prepare()
      const lease = await leases.acquire(join(pins, `${key}.${leases.id}-${count++}`), {
        signal: never,
        waiting: () => undefined,
        prepare,
      })
      return {
        release: async () => {
          await lease.release()
          quietly(() => fs.rmdirSync(pins)) // as long as others are in it, it stays
        },
      }
    },
    holder: async (folder, key, signal) => {
      const pins = join(folder, pinFolder)
      if (kindOf(fs, pins) !== 'folder') return undefined
      for (const name of fs.readdirSync(pins)) {
        if (!name.startsWith(`${key}.`)) continue
        const found =
          signal === undefined ? leases.holder(join(pins, name)) : await leases.livingHolder(join(pins, name), signal)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** A link in its place could lead out of the store. */
const makePinFolder = (fs: FileSystem, path: string): void => {
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (kindOf(fs, path) !== 'folder') throw diskError('ENOTDIR', `${path} is no folder of the store's own`)
  }
}
