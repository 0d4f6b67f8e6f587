// Items on threads: many at once, each ended by its own time, kept as those of the function itself.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onThreads, type ThreadContext } from '../../src/workers/index.js'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import { builtOnce } from '../build-once.js'
import { root } from '../cli/fixture.js'
import { itemsTask } from '../runtime/items/items-task.js'

const folder = mkdtempSync(join(tmpdir(), 'taskchain-item-threads-'))
const module = join(folder, 'work.ts')
const text = `
import { threadId } from 'node:worker_threads'
import { twice } from './twice.js'
export const square = (n: number): number => n * n
export const wild = async (what: string): Promise<unknown> => {
  if (what === 'loop') for (;;) {}
  if (what === 'exit') process.exit(7)
  if (what === 'throw') throw new RangeError('no luck')
  if (what === 'function') return () => 1
  if (what === 'aborted') throw new DOMException('the service was too slow', 'TimeoutError')
  if (what === 'cause') throw new Error('the service is away', { cause: { retry: () => 1 } })
  return what
}
/** Ends when as many others have begun: on one thread it never would. */
export const together = ({ shared, count }: { shared: Int32Array; count: number }): number => {
  Atomics.add(shared, 0, 1)
  Atomics.notify(shared, 0)
  while (Atomics.load(shared, 0) < count) Atomics.wait(shared, 0, Atomics.load(shared, 0), 1000)
  return threadId
}
export const lengths = (words: readonly string[], { keys }: { keys: readonly string[] }) => words.map((word, at) => word.length + twice(keys[at].length))
export default (n: number, context: object): object => context
`
beforeAll(() => {
  writeFileSync(module, text)
  writeFileSync(join(folder, 'twice.ts'), 'export const twice = (n: number): number => 2 * n\n')
  builtOnce()
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const entry = (name: string): string => pathToFileURL(join(root, 'dist', `${name}.js`)).href
const square = (n: number): number => n * n
type Wild = (what: string) => Promise<unknown>
const options = { onError: 'keep', concurrency: 4 } as const

describe('items on threads', () => {
  it('are computed at the same time, though each keeps a processor busy', async () => {
    const together = onThreads<(given: { shared: Int32Array; count: number }) => number>(module, 'together', {
      threads: 3,
    })
    const shared = new Int32Array(new SharedArrayBuffer(4))
    const { mapItems } = itemsTask()
    const key = ({ at }: { at: number }): number => at
    const given = [0, 1, 2].map((at) => ({ at, shared, count: 3 }))
    expect(new Set(await mapItems(given, together, { key })).size).toBe(3)
  })

  it('have the keys, the results and the code of the function itself', async () => {
    const { mapItems, parts, warnings, notes } = itemsTask()
    await mapItems([1, 2], square)
    const onThread = onThreads<typeof square>(pathToFileURL(module), 'square')
    expect(await mapItems([1, 2, 3], onThread)).toEqual([1, 4, 9])
    expect(notes).toMatchObject([{ computed: 2 }, { kept: 2, computed: 1 }])
    const kept = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    expect(new Set(kept.map(({ text: line }) => (JSON.parse(line) as { code: string }).code)).size).toBe(1)
    expect(warnings).toEqual([])
  })

  it('that loop for ever, end their thread, fail or give what cannot be copied fail alone, by name', async () => {
    const wild = onThreads<Wild>(module, 'wild', { threads: 2 })
    const { mapItems } = itemsTask({ clock: systemClock })
    expect(await mapItems(['loop'], wild, { ...options, timeout: 300 })).toEqual([
      { _tag: 'failed', problem: 'timed out after 300 ms', attempts: 1 },
    ])
    expect(await mapItems(['exit', 'throw', 'function', 'aborted', 'cause', 'fine'], wild, options)).toEqual([
      { _tag: 'failed', problem: 'it ended its thread by process.exit(7)', attempts: 1 },
      { _tag: 'failed', problem: 'no luck', attempts: 1 },
      { _tag: 'failed', problem: 'what it gave cannot be copied from its thread', attempts: 1 },
      { _tag: 'failed', problem: 'the service was too slow', attempts: 1 },
      { _tag: 'failed', problem: 'the service is away', attempts: 1 },
      { _tag: 'done', value: 'fine', kept: false },
    ])
  })

  it('that need more memory than there is fail alone', () => {
    writeFileSync(
      join(folder, 'eats.mjs'),
      `export default (what) => {
  const all = []
  if (what === 'eats') for (let i = 0; ; i++) all.push({ i, name: 'name ' + i, tags: ['a', String(i)] })
  return what
}`,
    )
    writeFileSync(
      join(folder, 'program.mjs'),
      `import * as t from '${import.meta.resolve('io-ts')}'
import { defineProject, defineTask, openChain } from '${entry('index')}'
import { onThreads } from '${entry('workers/index')}'
const eats = onThreads(new URL('./eats.mjs', import.meta.url), 'default', { threads: 2 })
const data = t.array(t.unknown)
const all = defineTask({ data }).run((_, { mapItems }) => mapItems(['eats', 'fine'], eats, { onError: 'keep' }))
const project = defineProject({ root: ${JSON.stringify(folder)}, pipelines: { p: { all } } })
const chain = await openChain(project, { config: { tasks: 'p.all' } })
console.log(JSON.stringify(await chain.value('p:all')))
await chain.close()`,
    )
    const out = execFileSync(process.execPath, ['--max-old-space-size=150', join(folder, 'program.mjs')], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(JSON.parse(out)).toMatchObject([
      { _tag: 'failed', problem: 'it ran out of memory' },
      { _tag: 'done', value: 'fine' },
    ])
  })

  it('end when the run is stopped', async () => {
    const abort = new AbortController()
    const { mapItems } = itemsTask({ clock: systemClock, signal: abort.signal })
    const looping = mapItems(['loop', 'loop again'], onThreads<Wild>(module, 'wild'), options)
    setTimeout(() => abort.abort(new Error('Ctrl-C')), 300)
    await expect(looping).rejects.toThrow('Ctrl-C')
  })

  it('get where they stand; in batches the keys of all', async () => {
    const { mapItems } = itemsTask()
    const context = onThreads<(n: number, context: ThreadContext) => ThreadContext>(module)
    expect(await mapItems([5, 6], context)).toEqual([0, 1].map((index) => ({ index, attempt: 1 })))
    const lengths = onThreads<(words: readonly string[], context: ThreadContext) => number[]>(module, 'lengths')
    expect(await mapItems(['a', 'bc', 'def'], lengths, { batch: { size: 2 } })).toEqual([65, 66, 67])
  })

  it('of a function or a module that is not there are refused before anything is begun', async () => {
    const { mapItems } = itemsTask()
    await expect(mapItems([1], onThreads<typeof square>(module, 'sqare'))).rejects.toThrow(
      /work\.ts exports no function 'sqare', but .*square/,
    )
    expect(() => onThreads<typeof square>(join(folder, 'none.js'))).toThrow('there is no file')
    expect(() => onThreads<typeof square>(module, 'square', { threads: 0 })).toThrow('threads')
  })
})
