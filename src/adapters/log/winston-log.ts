import type { Logger, transport as TransportStream } from 'winston'
import type { Log, LogLine, LogSink } from '../../runtime/ports/log.js'
import { formatConsoleLine, formatLine } from './log-line.js'

export interface WinstonLogOptions {
  /** What the console shows: this level and worse. Default `warn`. */
  readonly consoleLevel?: LogLine['level'] | 'silent'
  /** Instead of standard error. */
  readonly stream?: NodeJS.WritableStream
}

/** What goes through winston: its own fields, and the line with the time it was written at. */
interface Entry {
  readonly level: string
  readonly message: string
  readonly line: LogLine
  readonly time: number
  /** On the console too. */
  readonly shown: boolean
  readonly delivered: () => void
}

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const

/**
 * The log of a chain: one winston logger, whose lines go to the sink of the node that wrote them (all of them) and to
 * the console (from a level on). winston is loaded at the first line: what runs nothing does not pay for it. A sink or
 * console that fails fails no run.
 */
export const winstonLog = (options: WinstonLogOptions = {}): Log => {
  const sinks = new Map<string, LogSink>()
  let hide: Hide = (text) => text
  const hidden: Hide = (text) => hide(text)
  /** Lines of each node that are on their way, and who waits for them. */
  const underway = new Map<string, { count: number; readonly done: (() => void)[] }>()
  let waiting: Entry[] = []
  let logger: Logger | undefined
  let loading: Promise<void> | undefined
  let shown = options.consoleLevel ?? 'warn'

  const load = async (): Promise<void> => {
    try {
      logger = await makeLogger(options.stream, sinks, hidden)
      for (const entry of waiting) logger.write(entry)
    } catch {
      // Without winston the artifacts' logs are still written.
      for (const { line, time, delivered } of waiting) {
        toSink(sinks, line, time, hidden)
        delivered()
      }
      loading = undefined
    }
    waiting = []
  }

  return {
    attach: (node, sink) => void sinks.set(node, sink),
    write: (line) => {
      const flight = underway.get(line.node) ?? { count: 0, done: [] }
      underway.set(line.node, flight)
      flight.count++
      const delivered = (): void => {
        if (--flight.count > 0) return
        underway.delete(line.node)
        for (const done of flight.done) done()
      }
      const isShown = line.fileOnly !== true && shown !== 'silent' && levels[line.level] <= levels[shown]
      const entry: Entry = {
        level: line.level,
        message: line.message,
        line,
        time: Date.now(),
        shown: isShown,
        delivered,
      }
      if (logger !== undefined) logger.write(entry)
      else {
        waiting.push(entry)
        loading ??= load()
      }
    },
    detach: async (node) => {
      const flight = underway.get(node)
      if (flight !== undefined) await new Promise<void>((resolve) => void flight.done.push(resolve))
      sinks.delete(node)
    },
    hide: (given) => {
      hide = given
    },
    setLevel: (level) => void (shown = level),
  }
}

/** What every text goes through before it is written. */
type Hide = (text: string) => string

const toSink = (sinks: ReadonlyMap<string, LogSink>, line: LogLine, time: number, hide: Hide): void => {
  try {
    sinks.get(line.node)?.write(hide(formatLine(line, time)))
  } catch {
    // a sink tells its failure when it is closed
  }
}

const makeLogger = async (
  stream: NodeJS.WritableStream = process.stderr,
  sinks: ReadonlyMap<string, LogSink>,
  hide: Hide,
): Promise<Logger> => {
  const winston = await import('winston')
  const { createLogger, format, transports } = winston
  // winston's base of all transports, which its types know as `transport` only.
  const { Transport } = winston as unknown as { readonly Transport: new (options: object) => TransportStream }
  const artifacts = new Transport({
    log: ({ line, time, delivered }: Entry, done: () => void) => {
      toSink(sinks, line, time, hide)
      delivered()
      done()
    },
  })
  const asIs = format((info) => info)()
  const logger = createLogger({ levels, level: 'debug', format: asIs, transports: [artifacts], exitOnError: false })
  const entryOf = (info: unknown): Entry => info as Entry
  const forConsole = format((info) => (entryOf(info).shown ? info : false))()
  const asLine = format.printf((info) => hide(formatConsoleLine(entryOf(info).line)))
  // A reader that went away (`| head`) ends the console, not the run.
  stream.on('error', () => undefined)
  logger.add(new transports.Stream({ stream, level: 'debug', format: format.combine(forConsole, asLine), eol: '\n' }))
  logger.on('error', () => undefined)
  return logger
}
