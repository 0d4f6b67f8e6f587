import fc from 'fast-check'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { catalogName } from '../../src/adapters/catalog/catalog-files.js'
import {
  entryOf,
  entryText,
  headLine,
  readLines,
  sealed,
  sealedBytes,
  type Entry,
} from '../../src/adapters/catalog/catalog-line.js'
import { openCatalog, type Catalog } from '../../src/adapters/catalog/catalog.js'
import { compactionPlan, type CatalogFile } from '../../src/adapters/catalog/compaction-plan.js'
import { crc32 } from '../../src/adapters/file-store/checksum.js'
import { footBytes } from '../../src/adapters/catalog/sorted-index.js'
import { factsFromText, factsText } from '../../src/runtime/run-info/facts-text.js'

const entryLine = (entry: Entry): string => sealed(entryText(entry))

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-catalog-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

/** Leases of a host where nobody else is: what somebody has left is closed. */
const leases = { acquire: async () => ({ release: async () => undefined }), isLeft: () => true, sweep: () => undefined }
const opened = (stamps: ReadonlyMap<string, string> = new Map()): Catalog =>
  openCatalog(fs, root, leases, (folder, key) => stamps.get(`${folder} ${key}`))
const filesIn = (): readonly string[] =>
  fs.readdirSync(join(root, catalogName)).map((name) => join(root, catalogName, name))
const ending = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const endings = (): readonly string[] =>
  filesIn()
    .map((path) => path.slice(path.lastIndexOf('.') + 1))
    .toSorted()

const entry = (number: number, stamp = `${number} 1 1`): Entry => ({
  folder: `movies/task_${number % 7}`,
  key: number.toString(16).padStart(32, '0'),
  stamp,
  identity: `identity ${number % 50}`,
  text: `text of ${number} ${'x'.repeat(number % 300)}`,
})
const entries = (count: number, from = 0): readonly Entry[] =>
  Array.from({ length: count }, (_, at) => entry(from + at))
const known = ({ identity, text }: Entry): string => `${identity}\t${text}`

/** A catalog of a sorted file and of segments beside it. */
const filled = async (sorted: readonly Entry[], recent: readonly Entry[]): Promise<void> => {
  const large = opened()
  large.add(sorted)
  large.add(entries(2000, 100_000)) // enough to be merged
  await large.flush()
  const small = opened()
  small.add(recent)
  await small.flush()
  expect(endings()).toEqual(['segment', 'sorted'])
}

describe('facts in a catalog', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 })
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one || 0) // JSON has no -0
  const hex = fc.stringMatching(/^[0-9a-f]{8}$/)
  const digests = fc.dictionary(hex, hex, { minKeys: 1 })
  const preImage = fc.record({
    scheme: fc.nat(),
    task: text,
    params: fc.dictionary(text, fc.oneof(text, number, fc.bigInt())),
    inputs: fc.dictionary(text, fc.record({ task: text, key: text })),
  })
  const filledText = text.filter((one) => one !== '')
  const facts = fc.record(
    {
      key: fc.constant('a'.repeat(32)),
      ended: text,
      seconds: number,
      code: fc.option(filledText),
      format: fc.option(filledText),
      extension: fc.option(filledText),
      size: fc.option(fc.nat()),
      lineage: filledText,
      digest: filledText,
      reads: digests,
      adopted: fc.record({ key: text, digest: text, at: text }),
      preImage,
      inMemory: fc.dictionary(text, preImage),
    },
    { requiredKeys: ['key', 'ended', 'seconds', 'code', 'format', 'extension', 'size'] },
  )

  it('are those that were committed, whatever is in them', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const line = entryLine({
          folder: 'a/b',
          key: 'k',
          stamp: '1 2 3',
          identity: '',
          text: factsText(given as never),
        })
        const [read = ''] = readLines(Buffer.from(headLine() + line)).entries
        const back = factsFromText(given.key, known(entryOf(read) as Entry), true)
        const { inMemory: _, ...rest } = given
        const expected = given.preImage === undefined ? rest : given // what was in memory is told with what was hashed
        expect(back).toEqual(expected)
        expect(factsFromText(given.key, known(entryOf(read) as Entry), false)).toMatchObject({ size: given.size })
      }),
    )
  })
})

describe('a catalog', () => {
  it('has what was added, also for other processes, before and after it is merged', async () => {
    const [old, recent] = [entries(2000), entries(300, 50_000)]
    await filled(old, recent)
    const all = [...old, ...recent]
    expect(opened().find(all)).toEqual(all.map(known))
    expect(opened().find([entry(1, 'another stamp'), entry(77_000)])).toEqual([undefined, undefined])
    const found = opened().identified(['identity 3', 'identity 4', 'none'])
    const expected = [...all, ...entries(2000, 100_000)].filter(({ identity }) => /^identity [34]$/.test(identity))
    expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey))
  })

  it('that is open already has what others add later', async () => {
    const reader = opened()
    expect(reader.find([entry(1)])).toEqual([undefined])
    const writer = opened()
    writer.add([entry(1)])
    expect(reader.find([entry(1)])).toEqual([known(entry(1))])
    writer.add([entry(2)])
    await writer.flush()
    expect(reader.find([entry(1), entry(2)])).toEqual([entry(1), entry(2)].map(known))
  })

  it('of many small runs stays a few files, and loses nothing', async () => {
    const all: Entry[] = []
    for (let run = 0; run < 200; run++) {
      const writer = opened(new Map(entries(1000).map(({ folder, key, stamp }) => [`${folder} ${key}`, stamp])))
      const [one] = [entries(5, run * 5)]
      writer.add(one)
      for (const each of one) all.push(each)
      await writer.flush()
    }
    expect(filesIn().length).toBeLessThan(16)
    expect(opened().find(all)).toEqual(all.map(known))
  })

  it('keeps of two entries of one artifact the one that the file is now, whichever came first', async () => {
    for (const now of ['old', 'new', 'gone']) {
      fs.rmSync(join(root, catalogName), { recursive: true, force: true })
      const catalog = opened(new Map(now === 'gone' ? [] : [[`${entry(1).folder} ${entry(1).key}`, now]]))
      catalog.add([entry(1, 'new'), entry(1, 'old'), ...entries(2000, 1000)])
      await catalog.flush()
      expect(endings()).toEqual(['sorted'])
      const found = opened().find([entry(1, 'old'), entry(1, 'new')])
      expect(found.map((one) => one !== undefined)).toEqual([now === 'old', now === 'new'])
    }
  })

  it('drops what is gone when all of it is merged', async () => {
    const stamps = new Map(entries(2000).map(({ folder, key, stamp }) => [`${folder} ${key}`, stamp]))
    const first = opened(stamps)
    first.add(entries(2000))
    await first.flush()
    for (const { folder, key } of entries(1990)) stamps.delete(`${folder} ${key}`)
    const second = opened(stamps)
    second.add(entries(2000))
    await second.flush()
    expect(
      opened()
        .find(entries(2000))
        .filter((one) => one !== undefined).length,
    ).toBe(10)
  })

  it('does not merge the segment of a writer that lives', async () => {
    const living = opened()
    living.add(entries(2000))
    const other = opened()
    other.add(entries(2000, 2000))
    await other.flush()
    expect(endings()).toEqual(['segment', 'sorted'])
    living.add([entry(9999)])
    expect(opened().find([entry(0), entry(3999), entry(9999)])).toEqual([entry(0), entry(3999), entry(9999)].map(known))
    await living.flush()
  })

  it('merges what a writer elsewhere has left, once that is known to be dead', async () => {
    const writer = opened()
    writer.add(entries(2000))
    await writer.flush()
    const stamps = new Map(entries(6000).map(({ folder, key, stamp }) => [`${folder} ${key}`, stamp]))
    const path = join(root, catalogName, '.entries.ffffffff-1-1-abc.segment')
    fs.writeFileSync(path, headLine() + entries(2000, 2000).map(entryLine).join(''))
    for (const isLeft of [false, true]) {
      const stampNow = (folder: string, key: string): string | undefined => stamps.get(`${folder} ${key}`)
      const catalog = openCatalog(fs, root, { ...leases, isLeft: () => isLeft }, stampNow)
      catalog.add([entry(5000)])
      await catalog.flush()
      expect(fs.existsSync(path)).toBe(!isLeft)
      expect(catalog.find([entry(1), entry(3000)])).toEqual([entry(1), entry(3000)].map(known))
    }
  })
})

const byKey = (left: Entry, right: Entry): number => (left.key < right.key ? -1 : 1)

describe('a catalog that is damaged', () => {
  const [old, recent] = [entries(500), entries(100, 50_000)]
  const all = [...old, ...recent]
  const places = (): fc.Arbitrary<readonly [file: number, at: number, value: number]> =>
    fc.tuple(fc.nat(1), fc.nat(1_000_000), fc.nat(255))

  /** What is there is as it was written; how much of it is missing. */
  const missing = (): number => {
    const found = opened().find(all)
    for (const [at, one] of found.entries()) if (one !== undefined) expect(one).toBe(known(all[at] as Entry))
    for (const one of opened().identified(['identity 7'])) expect(one).toEqual(entry(Number.parseInt(one.key, 16)))
    return found.filter((one) => one === undefined).length
  }

  it('anywhere gives nothing wrong: a flipped byte costs the line that it is in', async () => {
    await filled(old, recent)
    const paths = filesIn().toSorted((left, right) => (ending(left) < ending(right) ? -1 : 1))
    const whole = paths.map((path) => fs.readFileSync(path))
    fc.assert(
      fc.property(places(), ([file, at, value]) => {
        const [path = '', bytes = Buffer.alloc(0)] = [paths[file], whole[file]]
        const place = at % bytes.length
        const flipped = Buffer.from(bytes)
        flipped[place] = value
        fs.writeFileSync(path, flipped)
        const lost = missing()
        fs.writeFileSync(path, bytes)
        expect(lost).toBeLessThanOrEqual(place < headLine().length ? all.length : 2)
      }),
      { numRuns: 100 },
    )
    expect(missing()).toBe(0)
  })

  it('anywhere gives nothing wrong: cut off, it has the lines before', async () => {
    await filled(old, recent)
    const paths = filesIn().toSorted((left, right) => (ending(left) < ending(right) ? -1 : 1))
    const whole = paths.map((path) => fs.readFileSync(path))
    fc.assert(
      fc.property(places(), ([file, at]) => {
        const [path = '', bytes = Buffer.alloc(0)] = [paths[file], whole[file]]
        const rest = bytes.subarray(0, at % bytes.length)
        fs.writeFileSync(path, rest)
        const lost = missing()
        fs.writeFileSync(path, bytes)
        const lines = Math.max(0, rest.toString('latin1').split('\n').length - 2) // the head is none
        if (file === 0) expect(lost).toBe(Math.max(0, recent.length - lines))
        else expect(lost).toBeLessThanOrEqual(old.length)
      }),
      { numRuns: 60 },
    )
  })

  it('on purpose, with a foot that has impossible numbers, gives nothing wrong', async () => {
    await filled(old, recent)
    const path = filesIn().find((one) => one.endsWith('.sorted')) ?? ''
    const lines = fs.readFileSync(path)
    const numbers = [
      [0.5, 0, 0, 6],
      [0, 0.25, 16_384, 6],
      [1, -1, 16_384, 8],
      [3, 2 ** 31, 16_384, 17_179_869_224],
    ] as const
    for (const [count, identities, end, size] of numbers) {
      const checksum = size > 100 ? 0 : crc32(Buffer.alloc(size))
      const text = `index\t${count}\t${identities}\t${end}\t${checksum}`
      const foot = sealedBytes(text.padEnd(footBytes - 10, ' '))
      fs.writeFileSync(path, lines.subarray(0, Math.min(end, lines.length)))
      fs.truncateSync(path, end + size)
      fs.appendFileSync(path, foot)
      missing()
    }
  })

  it('says so, and is whole again when it was added to and merged', async () => {
    await filled(old, recent)
    for (const path of filesIn()) fs.writeFileSync(path, fs.readFileSync(path).fill(0, 60, 4000))
    const catalog = opened(new Map(all.map(({ folder, key, stamp }) => [`${folder} ${key}`, stamp])))
    const lost = all.filter((_, at) => catalog.find(all)[at] === undefined)
    expect([lost.length > 10, catalog.state().damaged.length]).toEqual([true, 2])
    catalog.add(lost)
    catalog.add(entries(2000, 100_000))
    await catalog.flush()
    const again = opened()
    expect(again.find(all)).toEqual(all.map(known))
    expect(again.state().damaged).toEqual([])
  })

  it('or of a later version is left alone', async () => {
    await filled(old, recent)
    const later = filesIn().map((path) => path.replace('.entries.', '.entries.later'))
    for (const [at, path] of filesIn().entries()) {
      const bytes = fs.readFileSync(path)
      fs.writeFileSync(
        later[at] as string,
        Buffer.concat([Buffer.from(headLine(2)), bytes.subarray(headLine().length)]),
      )
      fs.rmSync(path)
    }
    const catalog = opened()
    expect(catalog.find(all).filter((one) => one !== undefined)).toEqual([])
    expect(catalog.state()).toMatchObject({ damaged: [], newer: { length: 2 } })
    for (let run = 0; run < 9; run++) {
      catalog.add(entries(100))
      await catalog.flush()
    }
    expect(later.every((path) => fs.existsSync(path))).toBe(true)
  })

  it.each(['link', 'file'])('or has a %s in its place gives and takes nothing', async (what) => {
    const outside = fs.mkdtempSync(join(tmpdir(), 'taskchain-outside-'))
    if (what === 'link') fs.symlinkSync(outside, join(root, catalogName))
    else fs.writeFileSync(join(root, catalogName), 'mine')
    const catalog = opened()
    catalog.add(all)
    await catalog.flush()
    expect(catalog.find(all).every((one) => one === undefined)).toBe(true)
    expect(fs.readdirSync(outside)).toEqual([])
    fs.rmdirSync(outside)
  })
})

describe('what is merged', () => {
  const file = fc.record({
    name: fc.uuid(),
    bytes: fc.nat(5_000_000),
    state: fc.constantFrom('open' as const, 'closed' as const, 'sorted' as const),
  })

  it('is closed; little is left alone, and large files are not written again for little', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 80 }), (files) => {
        const plan = compactionPlan(files)
        const closed = files.filter(({ state }) => state === 'closed')
        const gathered = closed.reduce((sum, { bytes }) => sum + bytes, 0)
        expect(plan === undefined).toBe(closed.length < 8 && gathered < 256 * 1024)
        if (plan === undefined) return
        expect(plan.merged.filter(({ state }) => state === 'open')).toEqual([])
        expect(closed.every((one) => plan.merged.includes(one))).toBe(true)
        const left = files.filter((one) => one.state === 'sorted' && !plan.merged.includes(one))
        const bytes = plan.merged.reduce((sum, one) => sum + one.bytes, 0)
        expect(left.every((one) => one.bytes > 4 * bytes)).toBe(true)
        expect(plan.whole && left.length > 0).toBe(false)
      }),
    )
  })

  it('grows slowly: of a thousand runs each entry is written a few times, and few files are there at any time', () => {
    let files: readonly CatalogFile[] = []
    let written = 0
    for (let run = 0; run < 1000; run++) {
      files = [...files, { name: `s${run}`, bytes: 20_000, state: 'closed' }]
      const plan = compactionPlan(files)
      if (plan === undefined) continue
      const bytes = plan.merged.reduce((sum, one) => sum + one.bytes, 0)
      written += bytes
      files = [...files.filter((one) => !plan.merged.includes(one)), { name: `m${run}`, bytes, state: 'sorted' }]
      expect(files.length).toBeLessThan(8)
    }
    expect(written).toBeLessThan(1000 * 20_000 * 12)
  })
})
