import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { watchVariable } from './tell-watcher.js'
import { WatchedCodec, type Watched } from './watched-files.js'

/** A run in a process of its own, which loads everything anew. */
export interface Round {
  readonly ended: Promise<RoundEnd>
  /** Tells it of a signal that this process had, and how many there were: its terminal may have told it already. */
  stop(signal: NodeJS.Signals, count: number): void
  /** Ends it at once. */
  kill(): void
}

export interface RoundEnd {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether it came as far as looking for its project. */
  readonly hasBegun: boolean
}

/** Starts this very command anew with other words; `onRead` hears what it reads. */
export const startRound = (words: readonly string[], onRead: (read: readonly Watched[]) => void): Round => {
  const child: ChildProcess = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, [watchVariable]: '3' },
  })
  let hasBegun = false
  const told = createInterface({ input: child.stdio[3] as Readable }) // a pipe, as asked for
  told.on('line', (line) => {
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
