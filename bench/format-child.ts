// Measures saving or loading in one way in a separate process, to get its own peak memory: tsx format-child.ts NAME
// LENGTH PATH → JSON
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as t from 'io-ts'
import nd from 'ndarray'
import { json, jsonLines, ndarray, rows, type Lines } from '../dist/data/index.js'
import { loader, saver, writeAll, writeLines } from './format-files.js'
import { Film, film, films, Measured, measured } from './format-values.js'

const [name = '', given = '0', path = ''] = process.argv.slice(2)
const length = Number(given)

const floats = (): readonly number[] => Array.from({ length }, (_, index) => Math.sin(index))
const records = (): readonly Film[] => Array.from({ length }, (_, id) => film(id))
const array = () =>
  nd(
    Float64Array.from({ length }, (_, index) => index),
    [length / 10, 10],
  )

/** Prepares a value, whose memory is not counted; then the work to measure. */
type Action = readonly [before: () => unknown, work: (value: never) => unknown]

const ready = (): undefined => undefined
const actions: Readonly<Record<string, Action>> = {
  'json-floats-save': [floats, saver(json(t.array(t.number)), path)],
  'json-floats-save-raw': [floats, (value: readonly number[]) => writeAll(path, Buffer.from(JSON.stringify(value)))],
  'json-floats-load': [ready, loader(json(t.array(t.number)), path)],
  'json-floats-load-raw': [ready, () => JSON.parse(readFileSync(path, 'utf8')) as unknown],
  'json-records-save': [records, saver(json(t.array(Film)), path)],
  'json-records-save-raw': [records, (value: readonly Film[]) => writeAll(path, Buffer.from(JSON.stringify(value)))],
  'json-records-load': [ready, loader(json(t.array(Film)), path)],
  'json-records-load-raw': [ready, () => JSON.parse(readFileSync(path, 'utf8')) as unknown],
  'npy-save': [array, saver(ndarray('float64'), path)],
  'npy-load': [ready, loader(ndarray('float64'), path)],
  'table-save': [() => measured(length), saver(rows(Measured), path)],
  'table-load': [ready, loader(rows(Measured), path)],
  'lines-save': [ready, () => saver(jsonLines(Film), path)(films(length))],
  'lines-save-raw': [ready, () => writeLines(path, films(length))],
  'lines-load': [
    ready,
    async () => {
      let sum = 0
      for await (const { votes } of await loader<Lines<Film>>(jsonLines(Film), path)()) sum += votes
      if (sum === 0) throw new Error('nothing was read')
    },
  ],
  'lines-load-raw': [
    ready,
    async () => {
      let sum = 0
      for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 18 }) }))
        sum += (JSON.parse(line) as Film).votes
      if (sum === 0) throw new Error('nothing was read')
    },
  ],
}

/**
 * Peak memory since `forgetPeak`, in bytes. Linux reports it in /proc; elsewhere it is the peak over the life of the
 * process, which includes the memory of its parent at the fork.
 */
const peakMemory = (): number => {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  } catch {
    // no /proc
  }
  return process.resourceUsage().maxRSS * 1024
}
const forgetPeak = (): void => {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // no /proc
  }
}

const action = actions[name]
if (action === undefined) throw new Error(`unknown: ${name}`)
const value = action[0]()
global.gc?.()
forgetPeak()
const before = process.memoryUsage().rss
const start = process.cpuUsage()
const kept = await action[1](value as never)
const { user, system } = process.cpuUsage(start)
const peak = peakMemory()
// the peak, or the current value if higher: reading the value keeps it alive until here
console.log(
  JSON.stringify({
    seconds: (user + system) / 1e6,
    before,
    peak: Math.max(peak, process.memoryUsage().rss),
    kept: kept === undefined,
  }),
)
