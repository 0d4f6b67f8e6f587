import type { Log, LogLine } from '../runtime/ports/log.js'

/** A log that collects its lines in an array. */
export const keepingLog = (lines: LogLine[] = []): Log => ({
  attach: () => undefined,
  write: (line) => void lines.push(line),
  detach: async () => undefined,
})
