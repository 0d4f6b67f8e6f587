// The cost of an item that is stored already and of one that is computed and stored, next to raw loops over the same
// lines in the same run.
import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from '../dist/adapters/file-store/checksum.js'
import { defineProject, defineTask, openChain, param } from '../dist/index.js'
import type { Row } from './table.js'

const text = 'x'.repeat(200)
const answerTo = (item: number) => ({ item, text, finish: 'stop' })

/** Requests `howMany` numbers; another `style` changes the key of the task, with the same items. */
const answers = defineTask({
  params: { howMany: t.number, style: param(t.number, { default: 0 }) },
  data: t.number,
}).run(async ({ howMany }, { mapItems }) => {
  const numbers = Array.from({ length: howMany }, (_, at) => at)
  return (await mapItems(numbers, async (item) => answerTo(item), { concurrency: 16 })).length
})
const project = defineProject({ pipelines: { bench: { answers } } })

interface Cost {
  readonly seconds: number
  readonly processor: number
}

const measured = async (work: () => unknown): Promise<Cost> => {
  const begin = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - begin) / 1000, processor: (user + system) / 1e6 }
}

const run = (store: string, howMany: number, style: number): Promise<Cost> =>
  measured(async () => {
    const chain = await openChain(project, { config: { tasks: 'bench:*', how_many: howMany, style }, store })
    const { failed } = await chain.run()
    await chain.close()
    if (failed.length > 0) throw new Error('the benchmark failed')
  })

/** The minimum such a log has to do: a key for the item, a line with a checksum, written separately. */
const rawAppends = (path: string, howMany: number): void => {
  const file = openSync(path, 'a')
  for (let item = 0; item < howMany; item++) {
    const line = `${keyOf(item)} ${JSON.stringify(answerTo(item))}`
    writeSync(file, `${crc32(Buffer.from(line)).toString(16)} ${line}\n`)
  }
  closeSync(file)
}

/** The minimum for lookups: read, verify the checksum, look the key up, parse. */
const rawHits = (path: string, howMany: number): number => {
  const lines = new Map<string, string>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const end = line.indexOf(' ')
    if (end < 0 || crc32(Buffer.from(line.slice(end + 1))).toString(16) !== line.slice(0, end)) continue
    lines.set(line.slice(end + 1, end + 33), line.slice(end + 34))
  }
  let found = 0
  for (let item = 0; item < howMany; item++)
    if ((JSON.parse(lines.get(keyOf(item)) ?? 'null') as { readonly item: number } | null)?.item === item) found++
  if (found !== howMany) throw new Error(`found ${found} of ${howMany}`)
  return found
}

const keyOf = (item: number): string =>
  createHash('sha256')
    .update(JSON.stringify(['bench', item]))
    .digest('hex')
    .slice(0, 32)

/** The best of several rounds, since the machine is shared; each round is raw, appended, found. */
export const itemRows = async (quick: boolean): Promise<readonly Row[]> => {
  const howMany = quick ? 5000 : 30_000
  const rounds = quick ? 1 : 3
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-bench-items-'))
  const best = { rawAppend: none, append: none, rawHit: none, hit: none }
  try {
    await run(join(folder, 'warm'), 500, 0)
    for (let round = 0; round < rounds; round++) {
      const [raw, store] = [join(folder, `raw ${round}`), join(folder, `store ${round}`)]
      best.rawAppend = least(best.rawAppend, await measured(() => rawAppends(raw, howMany)))
      best.append = least(best.append, await run(store, howMany, 0))
      best.rawHit = least(best.rawHit, await measured(() => rawHits(raw, howMany)))
      best.hit = least(best.hit, await run(store, howMany, 1))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const each = (total: number): number => (total / howMany) * 1e6
  const { rawAppend, append, rawHit, hit } = best
  return [
    {
      what: `an item of ${howMany} that is stored already, processor`,
      value: each(hit.processor),
      unit: 'µs',
      limit: 50,
    },
    { what: 'the same by the clock (10,000 a second)', value: each(hit.seconds), unit: 'µs', limit: 100 },
    { what: 'times a raw look-up', value: hit.processor / rawHit.processor, unit: 'x', limit: undefined },
    {
      what: 'an item that is computed and stored, processor',
      value: each(append.processor),
      unit: 'µs',
      limit: undefined,
    },
    { what: 'the same by the clock (2,000 a second)', value: each(append.seconds), unit: 'µs', limit: 500 },
    { what: 'times a raw append', value: append.processor / rawAppend.processor, unit: 'x', limit: undefined },
  ]
}

const none: Cost = { seconds: Infinity, processor: Infinity }
const least = (one: Cost, other: Cost): Cost => ({
  seconds: Math.min(one.seconds, other.seconds),
  processor: Math.min(one.processor, other.processor),
})
