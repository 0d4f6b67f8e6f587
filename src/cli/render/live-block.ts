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
  let shown: readonly string[] = []
  let ended = false
  let ours = false
  let midLine = false
  const write = (text: string): void => {
    ours = true
    output.write(text)
    ours = false
  }
  const erasure = (): string =>
    shown.length === 0 ? '' : `\r${eraseLine}${`${up}${eraseLine}`.repeat(shown.length - 1)}\r`
  const block = (): string => (midLine && shown.length > 0 ? '\n' : '') + shown.join('\n')
  const restoreCursor = (): void => {
    if (!ended) write(showCursor)
  }
  const originals = streams.map((stream) => {
    const original = stream.write
    const through = (...args: Parameters<typeof original>): boolean => {
      if (ours || ended) return original.apply(stream, args)
      write(erasure())
      const outcome = original.apply(stream, args)
      const chunk: unknown = args[0]
      midLine = !(typeof chunk === 'string'
        ? chunk.endsWith('\n')
        : chunk instanceof Uint8Array && chunk[chunk.length - 1] === 10)
      write(block())
      if (shown.length > 0) midLine = false
      return outcome
    }
    stream.write = through as typeof original
    return () => {
      stream.write = original
    }
  })
  process.once('exit', restoreCursor)
  write(hideCursor)
  return {
    draw: (lines) => {
      if (ended) return
      const before = erasure()
      shown = lines
      write(before + block())
      if (shown.length > 0) midLine = false
    },
    keep: (line) => {
      if (ended) return
      write(`${erasure()}${line}\n${block()}`)
    },
    end: () => {
      if (ended) return
      write(erasure() + showCursor)
      ended = true
      shown = []
      for (const restore of originals) restore()
      process.removeListener('exit', restoreCursor)
    },
  }
}
