import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { watchVariable } from './tell-watcher.js'
import { WatchedCodec, type Watched } from './watched-files.js'

/** A run in a separate process, which loads everything afresh. */
export interface Round {
  readonly ended: Promise<RoundEnd>
  /** Forwards a signal that this process received, with their count so far: the terminal may have sent it already. */
  stop(signal: NodeJS.Signals, count: number): void
  /** Kills it at once. */
  kill(): void
}

export interface RoundEnd {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether it got as far as looking for its project. */
  readonly hasBegun: boolean
}

/** Starts this command again with other words; `onRead` is called with the files it reads. */
export const startRound = (words: readonly string[], onRead: (read: readonly Watched[]) => void): Round => {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, [watchVariable]: '3' },
  })
  let hasBegun = false
  const lines = createInterface({ input: child.stdio[3] as Readable }) // a pipe, as requested above
  lines.on('line', (line) => {
    hasBegun = true
    onRead(readJsonText(t.readonlyArray(WatchedCodec), line) ?? [])
  })
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal, hasBegun }))
    }),
    stop: (signal, count) => {
      if (child.connected) child.send({ stop: signal, count }, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
