import type { LogSink } from '../../runtime/ports/log.js'
import { removeQuietly, writeAll, type FileSystem } from '../file-store/file-system.js'

/** Where a log is written, and its final name. */
export interface LogPlace {
  /** Created at the first line. */
  readonly temporary: () => string
  readonly kept: string
  readonly failed: string
}

/**
 * Lines of one run, in a file opened at the first of them. Writing never throws into the task that logs: `close`
 * rejects with the first error, such as a full disk.
 */
export const fileLog = (fs: FileSystem, place: LogPlace): LogSink => {
  let open: { readonly path: string; readonly descriptor: number } | undefined
  let failure: { readonly error: unknown } | undefined
  return {
    write: (line) => {
      if (failure !== undefined) return
      try {
        if (open === undefined) {
          const path = place.temporary()
          open = { path, descriptor: fs.openSync(path, 'wx') }
        }
        writeAll(fs, open.descriptor, Buffer.from(`${line}\n`, 'utf8'))
      } catch (error) {
        failure = { error }
      }
    },
    close: async (outcome) => {
      const file = open
      open = undefined
      if (file !== undefined) {
        try {
          fs.closeSync(file.descriptor)
          fs.renameSync(file.path, place[outcome])
        } catch (error) {
          removeQuietly(fs, file.path)
          failure ??= { error }
        }
      }
      if (failure !== undefined) throw failure.error
      return file === undefined ? undefined : place[outcome]
    },
  }
}
