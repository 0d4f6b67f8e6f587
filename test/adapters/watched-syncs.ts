import * as fs from 'node:fs'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'

/** node:fs that tells each path when it is about to be forced to disk; what `sync` throws fails there. */
export const watchedSyncs = (sync: (path: string) => void): FileSystem => {
  const paths = new Map<number, string>()
  return {
    ...fs,
    openSync: (path: string, ...more: [number, number]) => {
      const descriptor = fs.openSync(path, ...more)
      paths.set(descriptor, path)
      return descriptor
    },
    fsyncSync: (descriptor: number) => {
      sync(paths.get(descriptor) as string)
      fs.fsyncSync(descriptor)
    },
    fsync: (descriptor: number, done: (error: unknown) => void) => {
      try {
        sync(paths.get(descriptor) as string)
      } catch (error) {
        return done(error)
      }
      fs.fsync(descriptor, done)
    },
  } as unknown as FileSystem
}
