import { writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileSource } from '../../adapters/project/config-files.js'
import { readFileRequest } from '../../base/file-requests.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import type { Watched } from './watched-files.js'

/** Where a round of `run --watch` tells what it reads: the number of a file that it has inherited. */
export const watchVariable = 'TASKCHAIN_WATCH'

/** What reads configs, and tells the process that watches which ones, and what their params name. */
export interface WatchedRound {
  readonly source: (root: string) => ConfigSource
}

/** The round that this process is; undefined where nobody watches. What it starts is none. */
export const watchedRound = (): WatchedRound | undefined => {
  const given = process.env[watchVariable]
  delete process.env[watchVariable]
  const descriptor = Number(given)
  if (given === undefined || !Number.isInteger(descriptor)) return undefined
  const tell = (watched: readonly Watched[]): void => {
    try {
      writeSync(descriptor, `${JSON.stringify(watched)}\n`)
    } catch {
      // who watched has gone: the round goes on to its end
    }
  }
  tell([])
  isRound = true
  return { source: (root) => tellingSource(root, tell) }
}

/** Whether this process is a round: it ends when who watches has gone. */
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
