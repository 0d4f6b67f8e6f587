import { writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileSource } from '../../adapters/project/config-files.js'
import { readFileRequest } from '../../base/file-requests.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import type { Watched } from './watched-files.js'

/** The environment variable with the inherited file descriptor on which a round of `run --watch` reports its reads. */
export const watchVariable = 'TASKCHAIN_WATCH'

/** A source of configs that reports to the watching process which configs, and files of their params, are read. */
export interface WatchedRound {
  readonly source: (root: string) => ConfigSource
}

/** The round that this process is; undefined if it is not watched. Its child processes are not rounds. */
export const watchedRound = (): WatchedRound | undefined => {
  const given = process.env[watchVariable]
  delete process.env[watchVariable]
  const descriptor = Number(given)
  if (given === undefined || !Number.isInteger(descriptor)) return undefined
  const tell = (watched: readonly Watched[]): void => {
    try {
      writeSync(descriptor, `${JSON.stringify(watched)}\n`)
    } catch {
      // the watching process is gone; the round still finishes
    }
  }
  tell([])
  isRound = true
  return { source: (root) => tellingSource(root, tell) }
}

/** Whether this process is a round, which ends when the watching process is gone. */
export const isWatchedRound = (): boolean => isRound
let isRound = false

const tellingSource = (root: string, tell: (watched: readonly Watched[]) => void): ConfigSource => {
  const source = fileSource(root)
  return {
    ...source,
    read: (origin) => {
      tell([{ kind: 'text', path: resolve(root, origin) }])
      return source.read(origin)
    },
    digested: (requests) =>
      tell(
        requests.map(readFileRequest).map(({ kind, path }) => ({
          kind,
          path: kind === 'glob' ? path : resolve(root, path),
        })),
      ),
  }
}
