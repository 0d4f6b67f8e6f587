import * as fs from 'node:fs'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'

/** node:fs that tells each path when it is about to be forced to disk; what `sync` throws fails there. */
export const watchedSyncs = (sync: (path: string) => void): FileSystem => {
  const paths = new Map<number, string>()
  return {
    ...fs,
    open: (path: string, flags: number, done: (error: NodeJS.ErrnoException | null, descriptor: number) => void) =>
      fs.open(path, flags, (error, descriptor) => {
        if (error === null) paths.set(descriptor, path)
        done(error, descriptor)
      }),
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
