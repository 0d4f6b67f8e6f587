import type { LogSink } from '../ports/log.js'

/** A sink that is opened at its first line only: most nodes say nothing. */
export const lateSink = (open: () => LogSink): LogSink & { readonly opened: () => boolean } => {
  let sink: LogSink | undefined
  return {
    opened: () => sink !== undefined,
    write: (line) => (sink ??= open()).write(line),
    close: async (outcome) => sink?.close(outcome),
  }
}
