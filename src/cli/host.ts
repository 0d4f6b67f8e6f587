import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Colors } from 'picocolors/types.js'
import { outputIsRead } from '../base/read-output.js'

/** A stream that people or programs read. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Current size of the terminal; 80 × 24 if it does not report one. */
  size(): { readonly columns: number; readonly rows: number }
  /** Why output can no longer be written (the reader is gone, the disk is full); undefined while it can. */
  lost(): NodeJS.ErrnoException | undefined
  /** Resolves when everything written so far has been flushed. */
  drained(): Promise<void>
}

/** The command line's access to the outside world; commands use nothing else. */
export interface Host {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
  /** From now on, text written to `err` passes through `hide` first. */
  readonly hide?: (hide: (text: string) => string) => void
}

/** Colours for one output, or functions that leave text unchanged. */
export type Paint = Colors

/**
 * A stream of the process as an output. If it can no longer be written (the reader is gone, the disk is full), writing
 * stops but the work continues.
 */
export const outputOf = (stream: NodeJS.WriteStream & { readonly fd: number }): Output => {
  let lost: NodeJS.ErrnoException | undefined
  const lose = (error: NodeJS.ErrnoException): void => {
    lost ??= error
  }
  stream.on('error', lose) // writes by tasks themselves fail here too
  const isFile = !((stream as unknown) instanceof Socket) // always typed as a terminal
  const plain = stream.write.bind(stream)
  const write = (text: string): void => (isFile ? writeWhole(stream.fd, text) : void plain(text))
  return {
    write: (text) => {
      if (lost !== undefined || text === '') return
      try {
        write(text)
      } catch (error) {
        lose(error as NodeJS.ErrnoException) // thrown by a system call
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

/** A full disk accepts part of a text without an error, and Node's file streams do not check for that. */
const writeWhole = (file: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    const taken = writeSync(file, bytes, at)
    if (taken === 0) throw new Error('nothing more was taken')
    at += taken
  }
}

/**
 * The current process. If programs read its output, anything that a project prints itself (on loading, in a task) goes
 * to standard error.
 */
export const processHost = (isRead: boolean): Host => {
  const [out, err] = [outputOf(process.stdout), outputOf(process.stderr)]
  if (isRead) {
    process.stdout.write = process.stderr.write.bind(process.stderr)
    outputIsRead()
  }
  return { folder: process.cwd(), environment: process.env, out, err }
}

/** Whether an output gets colours: it is a terminal, and neither `NO_COLOR` nor `--no-color` is set. */
export const takesColour = (host: Host, output: Output, wanted: boolean): boolean =>
  wanted && output.isTerminal && (host.environment['NO_COLOR'] ?? '') === '' && host.environment['TERM'] !== 'dumb'
