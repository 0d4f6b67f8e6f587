import type { Output } from '../host.js'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseLine = '\u001b[2K'
const up = '\u001b[1A'

/** A block of lines at the bottom of a terminal that is redrawn in place, with lines that stay above it. */
export interface LiveBlock {
  /** Replaces the block. */
  draw(lines: readonly string[]): void
  /** Writes a line that stays, above the block. */
  keep(line: string): void
  /** Removes the block and gives the cursor back. Safe to call twice. */
  end(): void
}

/**
 * Takes over a terminal until `end`. What tasks and logs write to standard output or error meanwhile goes above the
 * block: the block is taken away, the text written, the block drawn again. The cursor comes back even where the process
 * exits in between.
 */
export const liveBlock = (output: Output, streams: readonly NodeJS.WriteStream[]): LiveBlock => {
  const screen: Screen = { output, shown: [], ended: false, isOurs: false, midLine: false }
  const restoreCursor = (): void => {
    if (!screen.ended) write(screen, showCursor)
  }
  const originals = streams.map((stream) => takeOver(screen, stream))
  process.once('exit', restoreCursor)
  write(screen, hideCursor)
  return {
    draw: (lines) => {
      if (screen.ended) return
      const before = erasure(screen)
      screen.shown = lines
      writeBlock(screen, before)
    },
    keep: (line) => {
      if (!screen.ended) write(screen, `${erasure(screen)}${line}\n${block(screen)}`)
    },
    end: () => {
      if (screen.ended) return
      write(screen, erasure(screen) + showCursor)
      screen.ended = true
      screen.shown = []
      for (const restore of originals) restore()
      process.removeListener('exit', restoreCursor)
    },
  }
}

interface Screen {
  readonly output: Output
  shown: readonly string[]
  ended: boolean
  /** Whether what is written just now is the block. */
  isOurs: boolean
  /** Whether others have left the cursor in a line that they began. */
  midLine: boolean
}

const write = (screen: Screen, text: string): void => {
  screen.isOurs = true
  screen.output.write(text)
  screen.isOurs = false
}

const erasure = ({ shown }: Screen): string =>
  shown.length === 0 ? '' : `\r${eraseLine}${`${up}${eraseLine}`.repeat(shown.length - 1)}\r`

const block = ({ midLine, shown }: Screen): string => (midLine && shown.length > 0 ? '\n' : '') + shown.join('\n')

const writeBlock = (screen: Screen, before = ''): void => {
  write(screen, before + block(screen))
  if (screen.shown.length > 0) screen.midLine = false
}

/** Has a stream write above the block, until what this gives back is called. */
const takeOver = (screen: Screen, stream: NodeJS.WriteStream): (() => void) => {
  const original = stream.write
  const through = (...args: Parameters<typeof original>): boolean => {
    if (screen.isOurs || screen.ended) return original.apply(stream, args)
    write(screen, erasure(screen))
    const outcome = original.apply(stream, args)
    screen.midLine = !endsLine(args[0])
    writeBlock(screen)
    return outcome
  }
  stream.write = through as typeof original
  return () => {
    stream.write = original
  }
}

const endsLine = (chunk: unknown): boolean =>
  typeof chunk === 'string' ? chunk.endsWith('\n') : chunk instanceof Uint8Array && chunk[chunk.length - 1] === 10
