import { expect, test } from 'vitest'
import type { Output } from '../../src/cli/host.js'
import { liveBlock } from '../../src/cli/render/live-block.js'

/**
 * As much of a terminal as the block uses: what is on the screen after all that was written, and whether the cursor
 * shows.
 */
const screenOf = (text: string): { readonly lines: readonly string[]; readonly cursor: boolean } => {
  const lines = ['']
  let row = 0
  let column = 0
  let cursor = true
  // oxlint-disable-next-line no-control-regex -- a terminal's language
  for (const [token] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|[^]/g)) {
    if (token === '\u001b[K') lines[row] = (lines[row] ?? '').slice(0, column)
    else if (token === '\u001b[2K') lines[row] = ''
    else if (token === '\u001b[1A') row -= 1
    else if (token === '\u001b[?25l') cursor = false
    else if (token === '\u001b[?25h') cursor = true
    else if (token === '\r') column = 0
    else if (token === '\n') {
      row += 1
      column = 0
      lines[row] ??= ''
    } else {
      lines[row] = (lines[row] ?? '').slice(0, column).padEnd(column) + token + (lines[row] ?? '').slice(column + 1)
      column += 1
    }
  }
  return { lines, cursor }
}

const terminal = () => {
  let written = ''
  let columns = 80
  const stream = {
    write: (text: string): boolean => {
      written += text
      return true
    },
  }
  const output: Output = {
    write: (text) => void stream.write(text),
    isTerminal: true,
    size: () => ({ columns, rows: 24 }),
    lost: () => undefined,
    drained: async () => undefined,
  }
  return {
    output,
    stream,
    streams: [stream] as unknown as readonly NodeJS.WriteStream[],
    screen: () => screenOf(written),
    written: () => written,
    narrow: (to: number) => {
      columns = to
    },
  }
}

test('the block is redrawn in place, lines that stay go above it, and it leaves no trace', () => {
  const { output, streams, screen } = terminal()
  const block = liveBlock(output, streams)
  block.draw(['bar 1', 'task a', 'task b'])
  expect(screen()).toEqual({ lines: ['bar 1', 'task a', 'task b'], cursor: false })
  block.keep('computed a')
  block.draw(['bar 2', 'task b'])
  expect(screen()).toEqual({ lines: ['computed a', 'bar 2', 'task b', ''], cursor: false })
  block.end()
  block.end()
  output.write('summary')
  expect(screen()).toEqual({ lines: ['computed a', 'summary', '', ''], cursor: true })
})

test('what tasks print meanwhile goes above the block, with or without an end of line', () => {
  const { output, stream, streams, screen } = terminal()
  const block = liveBlock(output, streams)
  block.draw(['bar'])
  stream.write('hello\n')
  expect(screen().lines).toEqual(['hello', 'bar'])
  stream.write('no end of line')
  expect(screen().lines).toEqual(['hello', 'no end of line', 'bar'])
  block.end()
  stream.write('plain again')
  expect(screen()).toEqual({ lines: ['hello', 'no end of line', 'plain again'], cursor: true })
})

test('nothing is written where nothing has changed, and no line is empty between two frames', () => {
  const { output, streams, written } = terminal()
  const block = liveBlock(output, streams)
  block.draw(['bar 1', 'task a'])
  const before = written()
  block.draw(['bar 1', 'task a'])
  expect(written()).toBe(before)
  block.draw(['bar 2', 'task a'])
  expect(written().slice(before.length)).toBe('\r\u001b[1Abar 2\u001b[K\ntask a\u001b[K')
})

test('a block whose lines a narrower terminal has broken is taken away whole', () => {
  const { output, streams, written, narrow } = terminal()
  const block = liveBlock(output, streams)
  block.draw(['x'.repeat(70), 'y'.repeat(30)])
  const before = written()
  narrow(40)
  block.draw(['bar'])
  expect(written().slice(before.length)).toBe('\r\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2Kbar\u001b[K')
})
