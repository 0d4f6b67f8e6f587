import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { defineProject, defineTask, openChain, type Task } from '../../src/index.js'
import type { RunEvent } from '../../src/runtime/ports/events.js'
import { cached, itemCache, jsonCache, memoryCache, noCache, readyCache, retrying } from '../../src/helpers/index.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'taskchain-item-cache-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const Answer = t.type({ text: t.string, n: t.number })
/** A question that is paid for; counts how often, and fails the first time where that is wanted. */
const asking = ({ failing = false } = {}) => {
  const asked: number[] = []
  const ask = async (n: number, _hint?: string): Promise<t.TypeOf<typeof Answer>> => {
    asked.push(n)
    await new Promise(setImmediate)
    if (failing && asked.length === 1) throw new Error('busy')
    return { text: `answer ${n}`, n }
  }
  return { ask, asked }
}
const linesOf = async (name: string) => {
  const { items } = fileStore(folder)
  return [...((await items?.lines({ folder: 'cached.calls', name })) ?? [])]
}

describe('results of calls that are kept as items', () => {
  it('are found by whoever opens the store, and computed by one of those who ask at once', async () => {
    const { ask, asked } = asking()
    const open = () => cached(ask, { cache: itemCache(fileStore(folder), 'answers', { codec: Answer }) })
    const answers = await Promise.all([open(), open(), open()].map((answer) => answer(7)))
    expect(answers).toEqual([7, 7, 7].map((n) => ({ text: `answer ${n}`, n })))
    expect(await open()(7)).toEqual(answers[0])
    expect(await open().get(8)).toBeUndefined()
    expect(asked).toEqual([7])
  })

  it('are tried again in one expression', async () => {
    const { ask, asked } = asking({ failing: true })
    const answer = cached(retrying(ask, { attempts: 3, delay: 0 }), { cache: itemCache(fileStore(folder), 'answers') })
    expect((await answer(1)).text.length).toBe(8)
    expect([asked, (await linesOf('answers')).length]).toEqual([[1, 1], 1])
  })

  it('say which call they are of, and are computed again when they were removed', async () => {
    const { ask, asked } = asking()
    const open = () => cached(ask, { cache: itemCache(fileStore(folder), 'answers') })
    await open()(1, 'gently')
    await open()(2)
    const [one, two] = (await linesOf('answers')).map((line) => ({ ...line, record: JSON.parse(line.text) as object }))
    expect([one?.record, two?.record]).toMatchObject([
      { item: 'ask(1, "gently")', call: { name: 'ask', identity: [1, 'gently'] }, value: { n: 1 } },
      { item: 'ask(2)' },
    ])
    const log = await fileStore(folder).items?.open({ folder: 'cached.calls', name: 'answers' })
    log?.append({ key: one!.key, kind: 'gone', at: 0, text: '{"schema":1}' })
    await log?.close()
    expect((await linesOf('answers')).map(({ key }) => key)).toEqual([two?.key])
    await open()(1, 'gently')
    await open()(2)
    expect(asked).toEqual([1, 2, 1])
    expect(await linesOf('answers')).toHaveLength(2)
  })

  it('come over from the cache that had them before, and are not paid for again', async () => {
    const { ask, asked } = asking()
    const before = jsonCache(join(folder, 'old'), Answer)
    await cached(ask, { cache: before })(1)
    await cached(ask, { cache: before }).subcache('large')(1)
    const open = () => cached(ask, { cache: itemCache(fileStore(folder), 'answers', { codec: Answer, before }) })
    expect([await open()(1), await open().subcache('large')(1)]).toEqual([1, 1].map(() => ({ text: 'answer 1', n: 1 })))
    rmSync(join(folder, 'old'), { recursive: true })
    expect([await open()(1), await open().subcache('large')(1)]).toHaveLength(2)
    expect(asked).toEqual([1, 1])
  })

  it('are in parts, forced, put, and what JSON cannot hold is no result', async () => {
    const { ask, asked } = asking()
    const answer = cached(ask, { cache: itemCache(memoryStore(), 'answers') })
    await answer(1)
    await answer.subcache('other')(1)
    await answer.force(1)
    expect(asked).toEqual([1, 1, 1])
    expect(await answer.put([2], { text: 'given', n: 2 })).toEqual({ text: 'given', n: 2 })
    expect(await answer(2)).toEqual({ text: 'given', n: 2 })
    const cache = itemCache(memoryStore(), 'numbers')
    await expect(cached(() => Number.NaN, { cache, name: 'nan' })()).rejects.toThrow('that JSON cannot hold: NaN')
    expect(await cached(() => 1, { cache, name: 'nan' })()).toBe(1)
    expect(await cached((): undefined => undefined, { cache, name: 'nothing' })()).toBeNull()
  })

  it('that do not fit the codec any more are computed again', async () => {
    const { ask, asked } = asking()
    await cached(ask, { cache: itemCache(fileStore(folder), 'answers') })(1)
    const Other = t.type({ text: t.string, n: t.number, more: t.string })
    const other = async (n: number) => ({ ...(await ask(n)), more: 'more' })
    const answer = cached(other, { name: 'ask', cache: itemCache(fileStore(folder), 'answers', { codec: Other }) })
    expect([await answer(1), await answer(1)]).toEqual([1, 1].map((n) => ({ text: 'answer 1', n, more: 'more' })))
    expect(asked).toEqual([1, 1])
  })

  it('have names that are those of folders, and a store that keeps items', () => {
    for (const name of ['', '../x', 'a/b', '1', 'x'.repeat(62)])
      expect(() => itemCache(memoryStore(), name)).toThrow('the name of an item cache')
    const { items: _, ...without } = memoryStore()
    expect(() => itemCache(without, 'answers')).toThrow('keeps no items')
  })
})

describe('a task that waits for a call of another process', () => {
  /** Somebody else computes the call until it is released. */
  const heldCall = async () => {
    const calls = fileStore(join(folder, 'calls'))
    const asked: string[] = []
    const ask = async (who: string) => asked.push(who)
    const open = () => cached(ask, { cache: itemCache(calls, 'answers'), ignore: [0] })
    await open()('before')
    const [line] = [...((await calls.items?.lines({ folder: 'cached.calls', name: 'answers' })) ?? [])]
    const key = line?.key ?? ''
    const log = await calls.items?.open({ folder: 'cached.calls', name: 'answers' })
    log?.append({ key, kind: 'gone', at: 0, text: '{"schema":1}' })
    const held = await log?.claim(key, { signal: new AbortController().signal, waiting: () => undefined })
    const leases = () =>
      readdirSync(join(folder, 'calls/.items/cached.calls/answers.set')).filter((name) => name.includes('lease'))
    const release = async () => (await held?.release(), log?.close())
    return { answer: open(), asked, leases, release }
  }
  const chainOf = (tasks: Record<string, Task<number>>) =>
    openChain(defineProject({ pipelines: { a: tasks } }), {
      config: { tasks: '**' },
      store: join(folder, 'tasks'),
      logLevel: 'silent',
    })

  it.each([
    ['its time is over', true, 50],
    ['its time is over, for a plain function', false, 50],
    ['its run is stopped', true, undefined],
  ])('waits no longer when %s, and asks for nothing later', async (_, isAsync, timeout) => {
    const { answer, asked, leases, release } = await heldCall()
    const stop = new AbortController()
    const calls: Promise<unknown>[] = []
    const begin = () => {
      const call = answer('task')
      calls.push(call)
      if (timeout === undefined) setImmediate(() => stop.abort())
      return call
    }
    const task = defineTask({ data: t.number, ...(timeout === undefined ? {} : { timeout }) }).run(
      isAsync ? async () => begin() : begin,
    )
    const chain = await chainOf({ task })
    const report = await chain.run([task], { signal: stop.signal })
    expect(report.failed.map(({ _tag }) => _tag)).toEqual(timeout === undefined ? [] : ['TimedOut'])
    expect(report.stopped).toBe(timeout === undefined)
    expect(leases()).toHaveLength(1)
    await release()
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected'])
    expect([asked, leases()]).toEqual([['before'], []])
    await chain.close()
  })

  it('leaves the call to a task that goes on', async () => {
    const { answer, asked, release } = await heldCall()
    let begun = (): void => undefined
    const isFirst = new Promise<void>((resolve) => (begun = resolve))
    const short = defineTask({ data: t.number, timeout: 50 }).run(async () => {
      const own = answer('short')
      begun()
      return own
    })
    const long = defineTask({ data: t.number }).run(async () => {
      await isFirst
      return answer('long')
    })
    const chain = await chainOf({ short, long })
    const onEvent = ({ _tag }: RunEvent) => void (_tag === 'failed' && release())
    const report = await chain.run([short, long], { onEvent })
    expect([report.failed.map(({ _tag }) => _tag), report.computed.length]).toEqual([['TimedOut'], 1])
    expect(asked).toEqual(['before', 'long'])
    await chain.close()
  })
})

describe('getOrCompute of a cache', () => {
  const caches = [
    ['memory', () => memoryCache<number>()],
    ['json', () => jsonCache(join(folder, 'json'), t.number)],
    ['items', () => itemCache(fileStore(folder), 'numbers', { codec: t.number })],
    ['a part', () => memoryCache<number>().subcache('part')],
    ['one’s own', () => readyCache({ ...memoryCache<number>() })],
  ] as const
  it.each(caches)('computes once a key, and again after a failure: %s', async (_, make) => {
    const cache = make()
    let count = 0
    const compute = async (): Promise<number> => {
      if (++count === 1) throw new Error('busy')
      return count
    }
    await expect(cache.getOrCompute({ id: 7, of: ['a'] }, compute)).rejects.toThrow('busy')
    const both = await Promise.all([1, 2].map(() => cache.getOrCompute({ of: ['a'], id: 7 }, compute)))
    expect([...both, await cache.getOrCompute({ of: ['a'], id: 8 }, compute), count]).toEqual([2, 2, 3, 3])
  })

  it('refuses a key that is not JSON-like, and keeps nothing in a cache that keeps nothing', async () => {
    await expect(
      memoryCache().getOrCompute(
        () => 1,
        () => 1,
      ),
    ).rejects.toThrow(TypeError)
    let count = 0
    const cache = noCache().subcache('part')
    expect([await cache.getOrCompute(1, () => ++count), await cache.getOrCompute(1, () => ++count)]).toEqual([1, 2])
  })
})
