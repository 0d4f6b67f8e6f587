import type { Logger, transport as TransportStream } from 'winston'
import type { Log, LogLine, LogSink } from '../../runtime/ports/log.js'
import { messageOf } from '../../base/thrown.js'
import { formatConsoleLine, formatLine } from './log-line.js'

export interface WinstonLogOptions {
  /** Lowest level shown on the console. Default `warn`. */
  readonly consoleLevel?: LogLine['level'] | 'silent'
  /** Used in place of standard error. */
  readonly stream?: NodeJS.WritableStream
}

/** An entry passed through winston: winston's own fields, the line, and the time it was written. */
interface Entry {
  readonly level: string
  readonly message: string
  readonly line: LogLine
  readonly time: number
  /** Shown on the console too. */
  readonly shown: boolean
  readonly delivered: () => void
}

/** Where winston's formats store a line. */
const text = Symbol.for('message')

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const

/**
 * The log of a chain: one winston logger, which passes all lines to the sink of the node that wrote them, and those
 * from a level on to the console. winston is loaded at the first line, so that a run without work does not pay for it.
 * A failing sink or console does not fail the run.
 */
export const winstonLog = ({ consoleLevel = 'warn', stream }: WinstonLogOptions = {}): Log => {
  const lines: Lines = {
    stream,
    sinks: new Map(),
    underway: new Map(),
    waiting: [],
    hide: (text) => text,
    logger: undefined,
    loading: undefined,
  }
  let shown = consoleLevel
  return {
    attach: (node, sink) => void lines.sinks.set(node, sink),
    write: (line) => {
      const isShown = line.fileOnly !== true && shown !== 'silent' && levels[line.level] <= levels[shown]
      const { level, message } = line
      const entry: Entry = { level, message, line, time: Date.now(), shown: isShown, delivered: send(lines, line.node) }
      if (lines.logger !== undefined) lines.logger.write(entry)
      else {
        lines.waiting.push(entry)
        lines.loading ??= load(lines)
      }
    },
    detach: async (node) => {
      const flight = lines.underway.get(node)
      if (flight !== undefined) await new Promise<void>((resolve) => void flight.done.push(resolve))
      lines.sinks.delete(node)
    },
    hide: (given) => {
      lines.hide = given
    },
    setLevel: (level) => void (shown = level),
  }
}

/** Lines of a chain on their way to sinks and console. */
interface Lines {
  readonly stream: NodeJS.WritableStream | undefined
  readonly sinks: Map<string, LogSink>
  /** Number of undelivered lines of each node, and callbacks waiting for them. */
  readonly underway: Map<string, { count: number; readonly done: (() => void)[] }>
  /** Lines written before winston was loaded. */
  readonly waiting: Entry[]
  hide: Hide
  logger: Logger | undefined
  loading: Promise<void> | undefined
}

/** Counts a line as undelivered; returns a function to call on delivery. */
const send = ({ underway }: Lines, node: string): (() => void) => {
  const flight = underway.get(node) ?? { count: 0, done: [] }
  underway.set(node, flight)
  flight.count++
  return () => {
    if (--flight.count > 0) return
    underway.delete(node)
    for (const done of flight.done) done()
  }
}

/**
 * If winston cannot be loaded, for example because too many files are open, the lines so far are lost and the next line
 * tries again.
 */
const load = async (lines: Lines): Promise<void> => {
  try {
    lines.logger = await makeLogger(lines)
  } catch (cause) {
    process.emitWarning(`lines of the log were lost: ${messageOf(cause)}`, 'TaskchainWarning')
    lines.loading = undefined
  }
  for (const entry of lines.waiting.splice(0))
    if (lines.logger === undefined) entry.delivered()
    else lines.logger.write(entry)
}

/** Applied to every text before it is written. */
type Hide = (text: string) => string

const makeLogger = async (lines: Lines): Promise<Logger> => {
  const { stream = process.stderr } = lines
  const winston = await import('winston')
  const { createLogger, format, transports } = winston
  // The base of all winston transports, which its types only declare as `transport`.
  const { Transport } = winston as unknown as { readonly Transport: new (options: object) => TransportStream }
  const entryOf = (info: unknown): Entry => info as Entry // entries as written
  const artifacts = new Transport({
    format: format.printf((info) => lines.hide(formatLine(entryOf(info).line, entryOf(info).time))),
    log: (entry: Entry & { readonly [text]: string }, done: () => void) => {
      try {
        lines.sinks.get(entry.line.node)?.write(entry[text])
      } catch {
        // a sink reports its failure when it is closed
      }
      entry.delivered()
      done()
    },
  })
  const asIs = format((info) => info)()
  const logger = createLogger({ levels, level: 'debug', format: asIs, transports: [artifacts], exitOnError: false })
  const forConsole = format((info) => (entryOf(info).shown ? info : false))()
  const asLine = format.printf((info) => lines.hide(formatConsoleLine(entryOf(info).line)))
  // A reader that exits (`| head`) ends the console output, not the run.
  stream.on('error', () => undefined)
  logger.add(new transports.Stream({ stream, level: 'debug', format: format.combine(forConsole, asLine), eol: '\n' }))
  logger.on('error', () => undefined)
  return logger
}
