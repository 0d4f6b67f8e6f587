// One node, as a worker of a queue and the process that it sends nodes to compute it: without a scheduler.
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import { openAgain } from '../../../src/adapters/open-store.js'
import { checkpoint, jsonLines } from '../../../src/data/index.js'
import { defineProject, type Modules } from '../../../src/declare/project.js'
import { defineTask } from '../../../src/declare/task.js'
import { performNode } from '../../../src/runtime/engine/perform/perform-node.js'
import type { RunEventBody } from '../../../src/runtime/ports/events.js'
import type { Executor } from '../../../src/runtime/ports/executor.js'
import type { NodeOutcome } from '../../../src/runtime/ports/node-job.js'
import { open } from '../fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-perform-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const resources = { gpu: 1 }
const opened = (tasks: Modules[string], executor?: Executor) =>
  open(
    { p: tasks },
    {},
    {
      project: defineProject({ pipelines: { p: tasks }, resources }),
      store: fileStore(root),
      ...(executor === undefined ? {} : { executor }),
    },
  )

/** Computes nodes as a child process does: in another session, without leases of its own. */
const child = (tasks: Modules[string], meanwhile: () => void): Executor => ({
  execute: () => Promise.reject(new Error('it runs elsewhere')),
  elsewhere: async (job, calls) => {
    meanwhile()
    const store = await openAgain(job.store)
    const isOwn = ({ key }: { readonly key: string }): boolean => key === job.key
    const { session } = opened(tasks)
    const own: typeof session = {
      ...session,
      store: {
        ...store,
        lease: async (address) => (isOwn(address) ? { release: async () => undefined } : calls.lease(address)),
        stage: (address, storage) => store.stage(address, storage, isOwn(address)),
      },
    }
    return performNode(own, job, calls)
  },
})

/** What a worker tells of one node: to its listener, and to the run that has sent it. */
const performed = async (tasks: Modules[string], name: string, meanwhile: () => void = () => undefined) => {
  const { session, plan, events } = opened(tasks, child(tasks, meanwhile))
  const forwarded: RunEventBody[] = []
  const node = plan.nodes.find((one) => one.name === name)
  if (node === undefined) throw new Error(`no node ${name}`)
  const outcome: NodeOutcome = await performNode(
    session,
    { plan, node: node.id, key: node.key },
    { stop: new AbortController().signal, emit: (event) => void forwarded.push(event) },
    false,
  )
  return { outcome, heard: events.map(untimed), forwarded: forwarded.map(untimed) }
}

/** Without times, keys and paths: those of two tasks differ. */
const untimed = (event: object): unknown =>
  JSON.parse(
    JSON.stringify(event, (name, value: unknown) =>
      ['at', 'seconds', 'key', 'path', 'earlier', 'log'].includes(name) ? undefined : value,
    ),
  )

const source = defineTask({ data: t.array(t.number) }).run(() => [1, 2, 3])
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0)

/** Tasks that end in different ways; those that count a resource take a scheduler. */
const ways = (counted: { readonly gpu?: number }): Readonly<Record<string, () => Modules[string]>> => {
  const common = { inputs: { source }, resources: counted }
  return {
    computed: () => ({
      source,
      one: defineTask({ ...common, data: t.number }).run(({ source }, { progress }) => {
        progress(1, 2)
        return sum(source)
      }),
    }),
    retried: () => {
      let calls = 0
      const one = defineTask({ ...common, data: t.number, retry: { attempts: 2, delay: 1 } }).run(({ source }) => {
        if (++calls === 1) throw new Error('not yet')
        return sum(source)
      })
      return { source, one }
    },
    failed: () => ({
      source,
      one: defineTask({ ...common, data: t.number }).run(({ source }) => {
        throw new Error(`no luck with ${source.length}`)
      }),
    }),
    unfinished: () => ({
      source,
      one: defineTask({ ...common, data: checkpoint() }).run((_, { unfinished }) => unfinished('later')),
    }),
  }
}

describe("a worker's listener hears of a node what a run of it tells", () => {
  it.each(Object.keys(ways({})))('that is %s', async (way) => {
    const told = []
    for (const counted of [{}, { gpu: 1 }]) {
      const tasks = ways(counted)[way]?.() ?? {}
      await opened(tasks).chain.run(['source'])
      told.push(await performed(tasks, 'one'))
      fs.rmSync(root, { recursive: true })
    }
    expect(told[0]?.heard).toEqual(told[1]?.heard)
    expect(told[0]?.forwarded).toEqual(told[1]?.forwarded)
  })

  it('that is stored by now', async () => {
    const tasks = ways({})['computed']?.() ?? {}
    await opened(tasks).chain.run()
    const { outcome, heard } = await performed(tasks, 'one')
    expect([outcome._tag, heard.at(-1)]).toEqual([
      'kept',
      expect.objectContaining({
        report: expect.objectContaining({ computed: [], cached: ['p:source', 'p:one'] }) as unknown,
      }),
    ])
  })
})

describe('an input that is damaged between sending a node and loading its inputs', () => {
  const lines = defineTask({ data: jsonLines(t.number) }).run(() => [1, 2, 3])
  it.each([
    ['a value', { source, one: defineTask({ inputs: { source }, data: t.number }).run(({ source }) => sum(source)) }],
    [
      'lines that are read while the task runs',
      {
        source: lines,
        one: defineTask({ inputs: { lines }, data: t.number }).run(async ({ lines }) => {
          let total = 0
          for await (const one of lines) total += one
          return total
        }),
      },
    ],
  ] as const)('is computed again, and the node from it: %s', async (_, tasks) => {
    const { chain } = opened(tasks)
    await chain.run(['source'])
    const path = chain.task('source').dataPath as string
    const whole = fs.readFileSync(path, 'utf8')
    const { outcome, forwarded } = await performed(tasks, 'one', () => fs.writeFileSync(path, whole.replace('3', '8')))
    expect([outcome._tag, fs.readFileSync(path, 'utf8')]).toEqual(['kept', whole])
    expect(await opened(tasks).chain.value('one')).toBe(6)
    expect(forwarded).toContainEqual(expect.objectContaining({ _tag: 'computed', node: 'p:source' }))
    expect(forwarded.at(-1)).toMatchObject({ _tag: 'computed', node: 'p:one' })
  })
})
