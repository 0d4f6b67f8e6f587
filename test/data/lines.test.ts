import * as fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { jsonLines, type Lines } from '../../src/data/index.js'
import { crc32 } from '../../src/adapters/file-store/checksum.js'
import type { ArtifactSource } from '../../src/declare/format.js'
import { defineTask } from '../../src/declare/task.js'
import { cached, formatCache } from '../../src/helpers/index.js'
import { testChain } from '../../src/testing/index.js'
import {
  encodedBytes,
  freshFolder,
  keep,
  load,
  persistenceOf,
  problemIn,
  removeFolders,
  roundTrip,
  sourceOf,
} from './artifact.js'
import { without } from './without-packages.js'

afterAll(removeFolders)

const Word = t.type({ word: t.string, count: t.number })
const words = jsonLines(Word)

const collect = async <A>(items: { [Symbol.asyncIterator](): AsyncIterator<A> }): Promise<readonly A[]> => {
  const all: A[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Counts how many streams are open. */
const watched = (
  source: ArtifactSource,
): { readonly source: ArtifactSource; readonly open: () => number; readonly chunks: () => number } => {
  let open = 0
  let chunks = 0
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    open++
    try {
      for await (const chunk of source.stream()) {
        chunks++
        yield chunk
      }
    } finally {
      open--
    }
  }
  return { source: { ...source, stream }, open: () => open, chunks: () => chunks }
}

describe('jsonLines', () => {
  test('items of a generator come back, one a line, as often as they are asked for', async () => {
    const given = [
      { word: 'a\nb', count: 1 },
      { word: '\u2028', count: 2 },
    ]
    const kept = await keep(
      words,
      (function* () {
        yield* given
      })(),
    )
    expect(await readFile(kept.path, 'utf8')).toBe('{"word":"a\\nb","count":1}\n{"word":"\u2028","count":2}\n')
    const lines = await load(words, kept)
    expect([await collect(lines), await lines.toArray(), await collect(lines)]).toEqual([given, given, given])
  })

  test.each([
    ['arrays', <A>(items: readonly A[]) => items],
    [
      'async generators',
      async function* <A>(items: readonly A[]) {
        yield* items
      },
    ],
  ] as const)('%s of any items come back', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
          { maxLength: 50 },
        ),
        async (items) => {
          const lines = await roundTrip(jsonLines(t.unknown), make(items))
          expect(await lines.toArray()).toStrictEqual(items)
          expect(await collect(lines)).toStrictEqual(items)
          expect(await lines.take(3)).toStrictEqual(items.slice(0, 3))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('lines of another task can be returned as they are', async () => {
    const first = await roundTrip(words, [{ word: 'a', count: 1 }])
    expect(await (await roundTrip(words, first)).toArray()).toEqual([{ word: 'a', count: 1 }])
  })

  test('lines longer than a chunk, and chunks that end within a character, come back', async () => {
    const given = Array.from({ length: 40 }, (_, index) => ({ word: 'é😀'.repeat(index * 1000), count: index }))
    const { source } = await keep(words, given)
    const bytes = await source.bytes()
    const small: ArtifactSource = {
      ...source,
      stream: async function* () {
        for (let at = 0; at < bytes.length; at += 1009) yield bytes.subarray(at, at + 1009)
      },
    }
    expect(await (await load(words, { path: '', source: small })).toArray()).toEqual(given)
  })

  test('a reader that leaves early closes the file and reads no further', async () => {
    const given = Array.from({ length: 20_000 }, (_, count) => ({ word: 'x'.repeat(50), count }))
    const kept = await keep(words, given)
    const { source, open, chunks } = watched(kept.source)
    const lines = await load(words, { ...kept, source })
    for await (const { count } of lines) if (count === 3) break
    expect([open(), chunks()]).toEqual([0, 1])
    expect((await lines.take(2)).map(({ count }) => count)).toEqual([0, 1])
    expect(open()).toBe(0)
  })

  test('items asked for at once come in order', async () => {
    const lines = await roundTrip(jsonLines(t.number), [1, 2, 3])
    const iterator = lines[Symbol.asyncIterator]()
    expect(await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()])).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: false, value: 3 },
      { done: true, value: undefined },
    ])
  })

  test('a generator is asked for no more than is written, and is ended where writing ends early', async () => {
    let made = 0
    let ended = false
    const items = function* (): Generator<number> {
      try {
        for (;;) yield made++
      } finally {
        ended = true
      }
    }
    const chunks = persistenceOf(jsonLines(t.number)).encode(items()) as AsyncIterable<Uint8Array>
    let taken = 0
    for await (const chunk of chunks) {
      taken += chunk.length
      if (taken > 100_000) break
    }
    expect(ended).toBe(true)
    expect(made).toBeLessThan(40_000)
  })

  test('ten thousand times more lines need no more memory: the same chunk size in and out', async () => {
    const digest = createHash('sha256')
    let longest = 0
    for await (const chunk of persistenceOf(jsonLines(t.number)).encode(
      (function* () {
        for (let n = 0; n < 300_000; n++) yield n
      })(),
    ) as AsyncIterable<Uint8Array>) {
      longest = Math.max(longest, chunk.length)
      digest.update(chunk)
    }
    expect(longest).toBeLessThan(70_000)
  })
})

describe('what is wrong is told with its line, counted from 1', () => {
  const told = (items: unknown) => problemIn(() => encodedBytes(words, items))
  test('wrong items', async () => {
    expect(
      await told([
        { word: 'a', count: 1 },
        { word: 'b', count: '2' },
      ]),
    ).toEqual({ name: 'FormatProblem', path: '/2/count', message: 'expected number, got "2" at /2/count' })
    expect((await told([{ word: 'a', count: NaN }])).message).toBe('NaN at /1/count cannot be kept as JSON')
    expect(await told([undefined])).toMatchObject({ path: '/1' })
    expect(await told('text')).toEqual({
      name: 'FormatProblem',
      path: '',
      message: 'expected something to iterate over',
      hint: 'make run a generator (function*), or return an array',
    })
  })
  test('an error of the generator comes through as it is', async () => {
    await expect(
      encodedBytes(
        words,
        (function* () {
          yield { word: 'a', count: 1 }
          throw new TypeError('mine')
        })(),
      ),
    ).rejects.toThrow(new TypeError('mine'))
  })
  test('stored lines that the codec refuses', async () => {
    const kept = await keep(jsonLines(t.unknown), [{ word: 'a', count: 1 }, { word: 'b' }])
    const lines = await load(words, kept)
    expect(await problemIn(() => lines.toArray())).toMatchObject({ name: 'FormatProblem', path: '/2/count' })
  })
  test('a last line that is cut off is damage, seen before anything is read', async () => {
    const { path } = await keep(words, [
      { word: 'a', count: 1 },
      { word: 'b', count: 2 },
    ])
    await writeFile(path, (await readFile(path)).subarray(0, -1))
    expect(await problemIn(async () => load(words, { path, source: await sourceOf(path) }))).toEqual({
      name: 'DamagedArtifact',
      message: 'the last line is cut off',
    })
  })
  test('a line that is no JSON is damage', async () => {
    const { path } = await keep(words, [])
    await writeFile(path, '{"word":"a","count":1}\nnonsense\n')
    const lines = await load(words, { path, source: await sourceOf(path) })
    expect(await problemIn(() => lines.toArray())).toEqual({ name: 'DamagedArtifact', message: 'line 2 is not JSON' })
  })
  test('an empty file has no lines', async () => {
    expect(await (await roundTrip(words, [])).toArray()).toEqual([])
  })
})

describe('lines compressed by zstd, which Node has from 22.15 on', () => {
  const packed = jsonLines(Word, { compression: 'zstd' })
  const hasZstd = 'createZstdCompress' in zlib
  const fixture = join(import.meta.dirname, 'written-by-node-22.jsonl.zst')
  const written = Array.from({ length: 12_000 }, (_, count) => ({ word: `word ${count}`, count }))

  test('are read by every Node', async () => {
    const source = await sourceOf(fixture)
    const lines = await persistenceOf(packed).decode(source)
    expect(await (lines as Lines<unknown>).toArray()).toEqual(written)
    expect(await (lines as Lines<unknown>).take(2)).toEqual(written.slice(0, 2))
  })

  test('a file that is cut off is damage', async () => {
    const whole = await readFile(fixture)
    for (const length of [0, 3, 20, 10_000, whole.length - 1]) {
      const cut = join(await freshFolder(), 'cut.jsonl.zst')
      await writeFile(cut, whole.subarray(0, length))
      const read = async () => {
        const source = await sourceOf(cut, crc32(whole))
        return ((await persistenceOf(packed).decode(source)) as Lines<unknown>).toArray()
      }
      expect(await problemIn(read)).toMatchObject({ name: 'DamagedArtifact' })
    }
  })

  test('are written, or refused by name before anything is computed', async () => {
    let ran = 0
    const made = defineTask({ data: packed }).run(() => [{ word: 'a', count: ++ran }])
    const counted = defineTask({ inputs: { made }, data: Word }).run(async ({ made }) => (await made.take(1))[0]!)
    const value = () => testChain({ tasks: [made, counted] }).value(counted)
    const remembered = cached(async (count: number) => [{ word: 'b', count: count + ran++ }], {
      cache: formatCache(await freshFolder(), packed),
      name: 'remembered',
    })
    if (hasZstd) {
      expect(await value()).toEqual({ word: 'a', count: 1 })
      expect(await (await remembered(1)).toArray()).toEqual([{ word: 'b', count: 2 }])
    } else {
      const refusal = /Node 20[.\d]* cannot write zstd/
      await expect(value()).rejects.toThrow(refusal)
      await expect(value()).rejects.toThrow(/use compression: 'gzip'/)
      await expect(remembered(1)).rejects.toThrow(refusal)
      expect(ran).toBe(0)
    }
  })

  test('without the package, Node 20 says which one reads them', () => {
    const script = `
      import * as t from 'io-ts'
      import { jsonLines } from ${JSON.stringify(join(import.meta.dirname, '../../src/data/index.ts'))}
      const { decode } = jsonLines(t.unknown, { compression: 'zstd' }).persistence
      const told = await decode({ size: 9 }).then(() => 'ready', ({ name, message, hint }) => [name, message, hint].join(' | '))
      console.log(told)`
    const told = execFileSync(process.execPath, without(['fzstd'], script), { encoding: 'utf8' }).trim()
    expect(told).toBe(
      hasZstd
        ? 'ready'
        : `FormatProblem | reading zstd under Node ${process.versions.node} needs the package fzstd@0.1: not installed | npm install fzstd@0.1`,
    )
  })
})

describe('compressed lines', () => {
  const packed = jsonLines(Word, { compression: 'gzip' })
  const given = Array.from({ length: 30_000 }, (_, count) => ({ word: `word ${count}`, count }))
  test('come back, under an extension that says so', async () => {
    const kept = await keep(packed, given)
    expect([packed.extension, kept.source.size < 250_000]).toEqual(['jsonl.gz', true])
    expect(await (await load(packed, kept)).toArray()).toEqual(given)
    expect(await (await load(packed, kept)).take(2)).toEqual(given.slice(0, 2))
  })
  test('tell of wrong items as plain ones do', async () => {
    expect(await problemIn(() => encodedBytes(packed, [{ word: 1 }]))).toMatchObject({
      name: 'FormatProblem',
      path: '/1/word',
    })
  })
  test('a file that is cut off is damage', async () => {
    const { path } = await keep(packed, given)
    await writeFile(path, (await readFile(path)).subarray(0, -100))
    const lines = await load(packed, { path, source: await sourceOf(path) })
    expect((await problemIn(() => lines.toArray())).name).toBe('DamagedArtifact')
  })
})
