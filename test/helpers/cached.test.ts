import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { callKey, identityOf } from '../../src/helpers/call-key.js'
import {
  cached,
  formatCache,
  jsonCache,
  memoryCache,
  noCache,
  retrying,
  type Cache,
  type Kept,
} from '../../src/helpers/index.js'
import { json } from '../../src/declare/json/json.js'
import { defineFormat, jsonLines, largeArray, largeTable, nd, table } from '../../src/data/index.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-cached-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A function that counts its calls. */
const counting = <Args extends readonly unknown[], A>(fn: (...args: Args) => A) => {
  const calls: Args[] = []
  const counted = (...args: Args): A => {
    calls.push(args)
    return fn(...args)
  }
  return Object.assign(counted, { calls })
}

/** A promise that is ended by hand. */
const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const places: readonly (readonly [string, () => Cache])[] = [
  ['memory', memoryCache],
  ['JSON files', () => jsonCache(join(folder, 'cache'))],
]

describe.each(places)('with a cache in %s', (_, place) => {
  test('equal arguments are computed once, others anew', async () => {
    const square = counting((n: number) => ({ square: n * n }))
    const remembered = cached(square, { cache: place() })
    expect([await remembered(2), await remembered(2), await remembered.getOrCompute(2), await remembered(3)]).toEqual([
      { square: 4 },
      { square: 4 },
      { square: 4 },
      { square: 9 },
    ])
    expect(square.calls).toEqual([[2], [3]])
  })

  test('calls at one time compute once', async () => {
    const { opened, open } = gate()
    const slow = counting(async (n: number) => {
      await opened
      return n
    })
    const remembered = cached(slow, { cache: place() })
    const all = [remembered(1), remembered(1), remembered.subcache('part')(1), remembered.subcache('part')(1)]
    open()
    expect(await Promise.all(all)).toEqual([1, 1, 1, 1])
    expect(slow.calls).toEqual([[1], [1]]) // the part has results of its own
  })

  test('a failure is told to everyone who waits, and not kept', async () => {
    const failing = counting(async (n: number) => {
      if (failing.calls.length === 1) throw new Error('first time')
      return n
    })
    const remembered = cached(failing, { cache: place() })
    expect(await Promise.allSettled([remembered(1), remembered(1)])).toMatchObject([
      { reason: { message: 'first time' } },
      { reason: { message: 'first time' } },
    ])
    expect(await remembered(1)).toBe(1)
  })

  test('get computes nothing, put keeps a given value, force replaces it', async () => {
    const one = counting(() => 'computed')
    const remembered = cached(one, { cache: place() })
    expect(await remembered.get()).toBe(undefined)
    expect(await remembered.put([], 'given')).toBe('given')
    expect([await remembered.get(), await remembered(), one.calls.length]).toEqual(['given', 'given', 0])
    expect([await remembered.force(), await remembered(), one.calls.length]).toEqual(['computed', 'computed', 1])
  })

  test('a value that is given while one is computed stays', async () => {
    const { opened, open } = gate()
    const remembered = cached(() => opened.then(() => 'computed'), { cache: place(), name: 'opened' })
    const computed = remembered()
    const given = remembered.put([], 'given')
    open()
    expect([await computed, await given, await remembered()]).toEqual(['computed', 'given', 'given'])
  })

  test('parts of a cache know nothing of each other', async () => {
    const remembered = cached((n: number) => n, { cache: place(), name: 'same' })
    await remembered.subcache('a').put([1], 10)
    expect([await remembered.subcache('a')(1), await remembered.subcache('b')(1), await remembered(1)]).toEqual([
      10, 1, 1,
    ])
    expect(await remembered.subcache('a').subcache('deep').get(1)).toBe(undefined)
  })

  test('null is a result like any other', async () => {
    const none = counting(() => null)
    const remembered = cached(none, { cache: place() })
    expect([await remembered(), await remembered(), none.calls.length]).toEqual([null, null, 1])
  })
})

test('without a cache every call computes', async () => {
  const one = counting(() => 1)
  const remembered = cached(one, { cache: noCache() })
  expect([
    await remembered(),
    await remembered(),
    await remembered.get(),
    await remembered.put([], 2),
    await remembered.subcache('a')(),
  ]).toEqual([1, 1, undefined, 2, 1])
  expect(one.calls.length).toBe(3)
})

describe('what calls are told apart by', () => {
  test('fields in any order are one call; ignored ones, trailing undefined and absent arguments do not matter', async () => {
    const load = counting((query: { id: number; verbose?: boolean }, retries?: number) => [query, retries].length)
    const remembered = cached(load, { cache: memoryCache(), ignore: ['verbose', 1] })
    await remembered({ id: 1, verbose: true }, 3)
    await remembered({ verbose: false, id: 1 })
    await remembered({ id: 1 }, 7)
    await remembered({ id: 2 }, 7)
    expect(load.calls.length).toBe(2)
  })

  test('name, version and a key of one’s own', async () => {
    const cache = memoryCache()
    const load = counting((movie: { id: number; at: Date }) => movie.id)
    const at = new Date(0)
    await cached(load, { cache, key: ({ id }) => id })({ id: 1, at })
    await cached(load, { cache, key: ({ id }) => id })({ id: 1, at: new Date(1) })
    expect(load.calls.length).toBe(1)
    await cached(load, { cache, key: ({ id }) => id, version: 2 })({ id: 1, at })
    await cached(load, { cache, key: ({ id }) => id, name: 'other' })({ id: 1, at })
    expect(load.calls.length).toBe(3)
  })

  test('arguments that cannot be told apart are refused with their place', async () => {
    const load = (argument: unknown): unknown => argument
    const remembered = cached(load, { cache: memoryCache() })
    await expect(remembered({ when: new Date(0) })).rejects.toThrow(
      "cannot tell calls of 'load' apart: a Date at /0/when; give cached() a key, or ignore the argument",
    )
    await expect(remembered.get(Number.NaN)).rejects.toThrow(TypeError)
  })

  test('different arguments have different keys, equal ones the same', () => {
    const args = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 3 })
    const key = (identity: readonly unknown[]): string =>
      callKey({ name: 'f', version: undefined, identity: identityOf(identity, []) })
    fc.assert(
      fc.property(args, args, (left, right) => {
        const same = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
        expect(key(left) === key(right)).toBe(same)
        expect(key(left)).toBe(key(structuredClone(left)))
        expect(key(left)).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })

  test('a number is not its text, a list of two is not two arguments', () => {
    const identities = [[1], ['1'], [1n], [[1]], [1, 2], [[1, 2]], [], [null], [{}], [[]], [''], [false], [{ a: null }]]
    expect(new Set(identities.map((identity) => callKey({ name: 'f', version: undefined, identity }))).size).toBe(
      identities.length,
    )
  })
})

/** JSON with sorted names and without -0. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([name, part]) => [name, sorted(part)])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
          .concat([['{}', 0]])
      : value

const visible = (place: string): readonly string[] => readdirSync(place).filter((name) => name !== '.checksums')

describe('files', () => {
  test('a file a result, in folders by part, and nothing else', async () => {
    const remembered = cached((n: number) => ({ n }), { cache: jsonCache(folder), name: 'wrapped' })
    await remembered(1)
    await remembered.subcache('part')(1)
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
    const names = all.filter((name) => !name.includes('.checksums'))
    expect(names).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}\.json$/),
      'part',
      expect.stringMatching(/^part\/[0-9a-f]{32}\.json$/),
    ])
    expect(all.filter((name) => name.includes('.checksums'))).toEqual([
      '.checksums',
      `.checksums/${names[0]}`,
      'part/.checksums',
      `part/.checksums/${names[0]}`,
    ])
    expect(JSON.parse(readFileSync(join(folder, names[0] as string), 'utf8'))).toEqual({ n: 1 })
  })

  test('results outlive the process that made them', async () => {
    await cached((n: number) => n + 1, { cache: jsonCache(folder), name: 'next' })(1)
    const never = counting((n: number) => -n)
    expect(await cached(never, { cache: jsonCache(folder), name: 'next' })(1)).toBe(2)
    expect(never.calls).toEqual([])
  })

  test('the first call gives what later ones give: what the codec makes of the file', async () => {
    const When: t.Type<Date, string> = new t.Type(
      'When',
      (value): value is Date => value instanceof Date,
      (value, context) => (typeof value === 'string' ? t.success(new Date(value)) : t.failure(value, context)),
      (date) => date.toISOString(),
    )
    const when = cached((n: number) => new Date(n), { cache: jsonCache(folder, When), name: 'when' })
    expect([await when(5), await when(5)]).toEqual([new Date(5), new Date(5)])
  })

  test('what JSON would lose is refused and leaves nothing behind', async () => {
    await expect(
      cached(() => ({ a: undefined as unknown, n: Number.NaN }), { cache: jsonCache(folder), name: 'lost' })(),
    ).rejects.toThrow('cannot be kept as JSON')
    expect(readdirSync(folder)).toEqual([])
  })

  test('a file that is torn, or that the codec refuses, is computed anew', async () => {
    const one = counting(() => 1)
    const remembered = cached(one, { cache: jsonCache(folder, t.number) })
    await remembered()
    const file = join(folder, visible(folder)[0] as string)
    for (const content of ['', '{"a', '"text"']) {
      writeFileSync(file, content)
      expect([await remembered.get(), await remembered(), readFileSync(file, 'utf8')]).toEqual([undefined, 1, '1'])
    }
    expect(one.calls.length).toBe(4)
  })

  test('a failed write leaves the earlier result', async () => {
    const Failing: t.Type<number, unknown> = new t.Type('Failing', t.number.is, t.number.validate, (n) =>
      n < 0 ? { inner: () => n } : n,
    )
    const remembered = cached((): number => 1, { cache: jsonCache(folder, Failing), name: 'one' })
    await remembered()
    await expect(remembered.put([], -1)).rejects.toThrow('cannot be kept')
    expect([await remembered.get(), visible(folder).length]).toEqual([1, 1])
  })

  test('a flipped bit is a miss wherever it is, also for formats that read later', async () => {
    const Movie = t.type({ title: t.string })
    const movies = [{ title: 'Alien' }, { title: 'Big' }]
    const json = cached(() => movies, { cache: jsonCache(join(folder, 'json'), t.array(Movie)), name: 'movies' })
    const lines = cached(() => movies, { cache: formatCache(join(folder, 'lines'), jsonLines(Movie)), name: 'movies' })
    const large = cached(() => movies, { cache: formatCache(join(folder, 'large'), largeTable(Movie)), name: 'movies' })
    const array = cached(() => nd(Float64Array.of(1, 2)), {
      cache: formatCache(join(folder, 'array'), largeArray('float64')),
      name: 'array',
    })
    const own = defineFormat({
      kind: 'own',
      extension: 'txt',
      encode: (text: string) => Buffer.from(text),
      open: async (source): Promise<string> =>
        String(JSON.parse(Buffer.from(await source.slice(0, source.size)).toString())),
    })
    const text = cached(() => '"a"', { cache: formatCache(join(folder, 'own'), own), name: 'text' })
    for (const [place, get, compute] of [
      ['json', json.get, json],
      ['lines', lines.get, lines],
      ['large', large.get, large],
      ['array', array.get, array],
      ['own', text.get, text],
    ] as const) {
      await compute()
      const path = join(folder, place, visible(join(folder, place))[0] as string)
      const whole = readFileSync(path)
      for (let at = 0; at < whole.length; at++) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] as number) ^ (1 << (at % 8))
        writeFileSync(path, damaged)
        expect([place, at, await get()]).toEqual([place, at, undefined])
      }
      await compute()
      expect([place, readFileSync(path).equals(whole), (await get()) === undefined]).toEqual([place, true, false])
    }
  })

  test('a file whose checksum is damaged is a miss, one of an earlier version without is read', async () => {
    const one = counting(() => 1)
    const remembered = cached(one, { cache: jsonCache(folder, t.number) })
    await remembered()
    const checksum = join(folder, '.checksums', visible(folder)[0] as string)
    for (const content of ['', 'ffffffff 1', '\0', '00000000']) {
      writeFileSync(checksum, content)
      expect([await remembered.get(), await remembered(), await remembered.get()]).toEqual([undefined, 1, 1])
    }
    rmSync(join(folder, '.checksums'), { recursive: true })
    expect([await remembered(), one.calls.length]).toEqual([1, 5])
  })

  test('a result that is replaced a thousand times keeps no thousand checksums', async () => {
    const remembered = cached((): number => 0, { cache: jsonCache(folder, t.number), name: 'count' })
    for (let count = 0; count < 1000; count++) await remembered.put([], count)
    expect(await remembered.get()).toBe(999)
    expect(readFileSync(join(folder, '.checksums', visible(folder)[0] as string)).length).toBeLessThan(5000)
  })

  test('what a killed writer has begun is removed by the next process that writes', async () => {
    const endless = join(import.meta.dirname, 'endless-writer.ts')
    const writer = spawn(process.execPath, ['--import', 'tsx', endless, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(writer.stdout, 'data') // it has begun to write
    const mine = cached((n: number) => n, { cache: jsonCache(join(folder, 'cache')), name: 'mine' })
    const begun = () => readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tmp'))
    expect(begun()).toHaveLength(1)
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    await mine(1)
    expect(begun()).toEqual([])
  })

  test('what a living process has begun stays', async () => {
    const endless = join(import.meta.dirname, 'endless-writer.ts')
    const writer = spawn(process.execPath, ['--import', 'tsx', endless, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(writer.stdout, 'data')
      await cached((n: number) => n, { cache: jsonCache(join(folder, 'cache')), name: 'mine' })(1)
      expect(readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tmp'))).toHaveLength(1)
    } finally {
      writer.kill('SIGKILL')
      await once(writer, 'exit')
    }
  })

  test('a cache can be a table, lines, any format of one file', async () => {
    const Movie = t.type({ title: t.string, votes: t.number })
    const rows = cached((votes: number) => [{ title: 'a', votes }], {
      cache: formatCache(join(folder, 'rows'), table(Movie)),
      name: 'rows',
    })
    expect([...(await rows(1))]).toEqual([{ title: 'a', votes: 1 }])
    expect([...((await rows.get(1)) ?? [])]).toEqual([{ title: 'a', votes: 1 }])
    const words = cached((text: string) => text.split(' '), {
      cache: formatCache(join(folder, 'words'), jsonLines(t.string)),
      name: 'words',
    })
    for (const _ of [1, 2]) expect(await (await words('to be or not')).toArray()).toEqual(['to', 'be', 'or', 'not'])
    expect(visible(join(folder, 'rows'))[0]).toMatch(/\.parquet$/)
  })

  test('folders and memory are no files', () => {
    expect(() => formatCache(folder, inMemory())).toThrow("a cache stores files, but the format 'inMemory' makes none")
    expect(() => formatCache(folder, json(t.number))).not.toThrow()
  })

  test.each(['..', '../up', 'a/b', '', '.hidden', 'con', 'a\\b', '/abs'])('a part named %j is refused', (name) => {
    expect(() => jsonCache(folder).subcache(name)).toThrow(TypeError)
  })
})

const namedDefault = Object.defineProperty((id: number) => id, 'name', { value: 'default' })

describe('functions without a name', () => {
  const inline = [
    ['an arrow', () => cached(async (id: number) => id, { cache: memoryCache() })],
    ['a bound arrow', () => cached(((id: number) => id).bind(undefined), { cache: memoryCache() })],
    [
      'what a wrapper gives',
      () =>
        cached(
          retrying(async (id: number) => id, { attempts: 2 }),
          { cache: memoryCache() },
        ),
    ],
    ['a default export', () => cached(namedDefault, { cache: memoryCache() })],
    ['an empty name', () => cached((id: number) => id, { cache: memoryCache(), name: '' })],
  ] as const
  test.each(inline)('%s is refused: it would answer for every other one', (_, make) => {
    expect(make).toThrow(/^the function has no name, .* give cached\(\) a name$/)
  })

  test('with names two of them over one cache give each its own, from disk too', async () => {
    const next = () => cached((n: number) => n + 1, { cache: jsonCache(folder), name: 'next' })
    const tenfold = () => cached((n: number) => n * 10, { cache: jsonCache(folder), name: 'tenfold' })
    for (const _ of ['computed', 'read']) expect([await next()(1), await tenfold()(1)]).toEqual([2, 10])
  })

  test('a key of one’s own does not tell functions apart; a name does, also an empty one', async () => {
    const cache = memoryCache()
    const key = (n: number) => n
    expect(() => cached((n: number) => n + 1, { cache, key })).toThrow('give cached() a name')
    expect(await cached((n: number) => n + 1, { cache, key, name: '' })(1)).toBe(2)
    expect(await cached((n: number) => n * 10, { cache, key, name: 'tenfold' })(1)).toBe(10)
  })

  test('a function that is tried again keeps its name, and so its results apart', async () => {
    const cache = memoryCache()
    const next = async (n: number) => n + 1
    const tenfold = async (n: number) => n * 10
    const results = [next, tenfold].map((one) => cached(retrying(one, { attempts: 2 }), { cache })(1))
    expect(await Promise.all(results)).toEqual([2, 10])
  })
})

test('a cache of one’s own needs get, put and subcache', async () => {
  const kept = new Map<string, Kept<string>>()
  const upper: Cache<string> = {
    get: async (key) => kept.get(key),
    put: async (key, value) => {
      kept.set(key, { value: value.toUpperCase() })
      return value.toUpperCase()
    },
    subcache: () => upper,
  }
  const shout = cached((word: string) => word, { cache: upper, name: 'shout' })
  expect([await shout('a'), await shout('a'), kept.size]).toEqual(['A', 'A', 1])
})
