import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Colors } from 'picocolors/types.js'
import { outputIsRead } from '../base/read-output.js'

/** A stream that people or programs read. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Size of the terminal just now; 80 × 24 where it does not say. */
  size(): { readonly columns: number; readonly rows: number }
  /** Why what is written arrives nowhere any more (the reader has gone, the disk is full); undefined while it does. */
  lost(): NodeJS.ErrnoException | undefined
  /** Resolves when all that was written is out. */
  drained(): Promise<void>
}

/** What the command line knows of the world; commands reach it only through here. */
export interface Host {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
  /** From now on what is written to `err` goes through `hide` first. */
  readonly hide?: (hide: (text: string) => string) => void
}

/** Colours for one output, or functions that change nothing. */
export type Paint = Colors

/**
 * The stream of a process as an output. One that takes nothing more (a reader that left, a full disk) ends the writing,
 * not the work.
 */
export const outputOf = (stream: NodeJS.WriteStream & { readonly fd: number }): Output => {
  let lost: NodeJS.ErrnoException | undefined
  const lose = (error: NodeJS.ErrnoException): void => {
    lost ??= error
  }
  stream.on('error', lose) // what tasks write themselves fails here too
  const isFile = !((stream as unknown) instanceof Socket) // typed as a terminal, whatever it is
  const plain = stream.write.bind(stream)
  const write = (text: string): void => (isFile ? writeWhole(stream.fd, text) : void plain(text))
  return {
    write: (text) => {
      if (lost !== undefined || text === '') return
      try {
        write(text)
      } catch (error) {
        lose(error as NodeJS.ErrnoException) // of a system call
      }
    },
    isTerminal: stream.isTTY === true,
    size: () => ({ columns: stream.columns > 0 ? stream.columns : 80, rows: stream.rows > 0 ? stream.rows : 24 }),
    lost: () => lost,
    drained: async () => {
      if (lost === undefined && stream.writableLength > 0)
        await new Promise<void>((resolve) => {
          stream.once('close', resolve)
          stream.once('error', () => resolve())
          plain('', () => resolve())
        })
      await new Promise((turn) => void setImmediate(turn)) // streams report a failed write later
    },
  }
}

/** A disk that fills up takes a part of a text without an error, and Node's streams of files do not look. */
const writeWhole = (file: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    const taken = writeSync(file, bytes, at)
    if (taken === 0) throw new Error('nothing more was taken')
    at += taken
  }
}

/**
 * The process that this is. Where programs read its output, what a project prints by itself (as it loads, in a task)
 * goes to standard error.
 */
export const processHost = (isRead: boolean): Host => {
  const [out, err] = [outputOf(process.stdout), outputOf(process.stderr)]
  if (isRead) {
    process.stdout.write = process.stderr.write.bind(process.stderr)
    outputIsRead()
  }
  return { folder: process.cwd(), environment: process.env, out, err }
}

/** Whether an output takes colours: a terminal, no `NO_COLOR`, no `--no-color`. */
export const takesColour = (host: Host, output: Output, wanted: boolean): boolean =>
  wanted && output.isTerminal && (host.environment['NO_COLOR'] ?? '') === '' && host.environment['TERM'] !== 'dumb'
