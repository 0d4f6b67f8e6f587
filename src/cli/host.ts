import type { Colors } from 'picocolors/types.js'

/** A stream that people or programs read. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Size of the terminal just now; 80 × 24 where it does not say. */
  size(): { readonly columns: number; readonly rows: number }
  /** True once the reader has gone (`| head`): nothing more needs to be written. */
  closed(): boolean
  /** Resolves when all that was written is out. */
  drained(): Promise<void>
}

/** What the command line knows of the world; commands reach it only through here. */
export interface Host {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
}

/** Colours for one output, or functions that change nothing. */
export type Paint = Colors

/** The stream of a process as an output. A reader that leaves early ends the writing, not the work. */
export const outputOf = (stream: NodeJS.WriteStream): Output => {
  let gone = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    gone = true
  })
  return {
    write: (text) => {
      if (!gone && text !== '') stream.write(text)
    },
    isTerminal: stream.isTTY === true,
    size: () => ({ columns: stream.columns > 0 ? stream.columns : 80, rows: stream.rows > 0 ? stream.rows : 24 }),
    closed: () => gone,
    drained: () =>
      new Promise((resolve) => {
        if (gone || stream.writableLength === 0) return resolve()
        stream.once('close', () => resolve())
        stream.once('error', () => resolve())
        stream.write('', () => resolve())
      }),
  }
}

/** The process that this is. */
export const processHost = (): Host => ({
  folder: process.cwd(),
  environment: process.env,
  out: outputOf(process.stdout),
  err: outputOf(process.stderr),
})

/** Whether an output takes colours: a terminal, no `NO_COLOR`, no `--no-color`. */
export const takesColour = (host: Host, output: Output, wanted: boolean): boolean =>
  wanted && output.isTerminal && (host.environment['NO_COLOR'] ?? '') === '' && host.environment['TERM'] !== 'dumb'
