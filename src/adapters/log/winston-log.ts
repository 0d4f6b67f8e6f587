import type { Logger, transport as TransportStream } from 'winston'
import type { Log, LogLine, LogSink } from '../../runtime/ports/log.js'
import { messageOf } from '../../base/thrown.js'
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

/** Where winston's formats leave a line. */
const text = Symbol.for('message')

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const

/**
 * The log of a chain: one winston logger, whose lines go to the sink of the node that wrote them (all of them) and to
 * the console (from a level on). winston is loaded at the first line: what runs nothing does not pay for it. A sink or
 * console that fails fails no run.
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

/** Lines of a chain, from those who write them to where they are kept and shown. */
interface Lines {
  readonly stream: NodeJS.WritableStream | undefined
  readonly sinks: Map<string, LogSink>
  /** Lines of each node that are on their way, and who waits for them. */
  readonly underway: Map<string, { count: number; readonly done: (() => void)[] }>
  /** Lines that were written before winston was there. */
  readonly waiting: Entry[]
  hide: Hide
  logger: Logger | undefined
  loading: Promise<void> | undefined
}

/** Counts a line as on its way; the answer is called when it has arrived. */
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
 * Where winston cannot be loaded, as when too many files are open, the lines so far are lost and the next one tries.
 */
const load = async (lines: Lines): Promise<void> => {
  try {
    lines.logger = await makeLogger(lines)
  } catch (cause) {
    process.emitWarning(`lines of the log are lost: ${messageOf(cause)}`, 'TaskchainWarning')
    lines.loading = undefined
  }
  for (const entry of lines.waiting.splice(0))
    if (lines.logger === undefined) entry.delivered()
    else lines.logger.write(entry)
}

/** What every text goes through before it is written. */
type Hide = (text: string) => string

const makeLogger = async (lines: Lines): Promise<Logger> => {
  const { stream = process.stderr } = lines
  const winston = await import('winston')
  const { createLogger, format, transports } = winston
  // winston's base of all transports, which its types know as `transport` only.
  const { Transport } = winston as unknown as { readonly Transport: new (options: object) => TransportStream }
  const entryOf = (info: unknown): Entry => info as Entry // as they were written
  const artifacts = new Transport({
    format: format.printf((info) => lines.hide(formatLine(entryOf(info).line, entryOf(info).time))),
    log: (entry: Entry & { readonly [text]: string }, done: () => void) => {
      try {
        lines.sinks.get(entry.line.node)?.write(entry[text])
      } catch {
        // a sink tells its failure when it is closed
      }
      entry.delivered()
      done()
    },
  })
  const asIs = format((info) => info)()
  const logger = createLogger({ levels, level: 'debug', format: asIs, transports: [artifacts], exitOnError: false })
  const forConsole = format((info) => (entryOf(info).shown ? info : false))()
  const asLine = format.printf((info) => lines.hide(formatConsoleLine(entryOf(info).line)))
  // A reader that went away (`| head`) ends the console, not the run.
  stream.on('error', () => undefined)
  logger.add(new transports.Stream({ stream, level: 'debug', format: format.combine(forConsole, asLine), eol: '\n' }))
  logger.on('error', () => undefined)
  return logger
}
