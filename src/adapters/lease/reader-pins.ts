import { join } from 'node:path'
import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import type { FileLeases } from './file-lease.js'
import { codeOf, diskError, kindOf, quietly, type FileSystem } from '../file-store/file-system.js'

/**
 * A reader of a folder in the store announces itself with a pin: a lease of its own name in `.pins` next to the
 * artifact, `<key>.<holder>-<number>`. Its record and heartbeat are those of any lease, so a dead reader's pin does not
 * count and is swept, whichever host it was on. Before a folder is deleted, its pins are checked. Pins only save work:
 * a reader checks again after reading.
 */
export interface ReaderPins {
  /** Pins a key of a folder on disk until the returned lease is released. */
  pin(folder: string, key: string): Promise<Lease>
  /** A living reader of the key; with a signal, watches until it is certain. */
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
          quietly(() => fs.rmdirSync(pins)) // fails while others are in it, and the folder stays
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

/** Refuses a link in its place, which could lead out of the store. */
const makePinFolder = (fs: FileSystem, path: string): void => {
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (kindOf(fs, path) !== 'folder') throw diskError('ENOTDIR', `${path} is not a folder of the store's own`)
  }
}
