// One contract for all who carry out a scheduler's orders: the same small worlds, in a simulation, in this process and
// on worker threads.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { Outcome } from '../../src/runtime/engine/run-types.js'
import type { PlanNode } from '../../src/plan/plan-types.js'
import type { NodeOutcome } from '../../src/runtime/ports/node-job.js'
import type { Result } from '../../src/runtime/ports/node-words.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, write } from '../cli/fixture.js'
import { simulate } from '../runtime/engine/simulation.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

type Act = 'computed' | 'failed' | 'unfinished'

/** A world: nodes are n0, n1, … Limit 1, so that the order is told as well. */
interface Scenario {
  /** What each node reads. */
  readonly inputs: readonly (readonly number[])[]
  /** What a node asks for while it runs. */
  readonly asks?: Readonly<Record<number, number>>
  /** What a node asks the chain for by name, though it waits for that node. */
  readonly asksInCycle?: Readonly<Record<number, number>>
  readonly acts?: Readonly<Record<number, Act>>
  /** In the store before. */
  readonly cached?: readonly number[]
  /** Of these what is not what was committed. */
  readonly damaged?: readonly number[]
  /** Kept as lines, whose damage shows only while they are read; who reads them goes on without the rest. */
  readonly lines?: readonly number[]
  /** What fails at its first attempt and is tried again, after a while. */
  readonly retried?: readonly number[]
  /** What somebody else is about to compute, until another node has ended. */
  readonly held?: readonly number[]
  readonly targets: readonly number[]
  readonly failFast?: true
  readonly expected: Became
}

interface Became {
  /** Whose function was called, in order. */
  readonly ran: readonly number[]
  readonly failed?: readonly number[]
  readonly unfinished?: readonly number[]
  /** Since what they read has no value. */
  readonly skipped?: readonly number[]
  /** Since the run was stopped. */
  readonly stopped?: readonly number[]
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'inputs run before what reads them': { inputs: [[], [0], [1]], targets: [2], expected: { ran: [0, 1, 2] } },
  'a node that several read runs once': {
    inputs: [[], [0], [0], [1, 2]],
    targets: [3],
    expected: { ran: [0, 1, 2, 3] },
  },
  'what is cached is not run, nor what it was made of': {
    inputs: [[], [0], [1]],
    cached: [0, 1],
    targets: [2],
    expected: { ran: [2] },
  },
  'what is cached and wanted runs nothing': { inputs: [[], [0]], cached: [0, 1], targets: [1], expected: { ran: [] } },
  'what turns out to be damaged runs again': {
    inputs: [[], [0], [1]],
    cached: [0, 1],
    damaged: [1],
    targets: [2],
    expected: { ran: [1, 2] },
  },
  'a failure leaves the rest': {
    inputs: [[], [0], [1], [], [3]],
    acts: { 0: 'failed' },
    targets: [2, 4],
    expected: { ran: [0, 3, 4], failed: [0], skipped: [1, 2] },
  },
  'what is unfinished has no value for its readers': {
    inputs: [[], [0], []],
    acts: { 0: 'unfinished' },
    targets: [1, 2],
    expected: { ran: [0, 2], unfinished: [0], skipped: [1] },
  },
  'a run that stops at the first failure begins nothing after it': {
    inputs: [[], [], []],
    acts: { 0: 'failed' },
    failFast: true,
    targets: [0, 1, 2],
    expected: { ran: [0], failed: [0], stopped: [1, 2] },
  },
  'what is asked for while running runs meanwhile': {
    inputs: [[], []],
    asks: { 1: 0 },
    targets: [1],
    expected: { ran: [1, 0] },
  },
  'what asks for a node that waits for it is refused, and fails': {
    inputs: [[], [0]],
    asksInCycle: { 0: 1 },
    targets: [1],
    expected: { ran: [0], failed: [0], skipped: [1] },
  },
  'damage that shows while it is read has the input made anew, and the reader runs once more': {
    inputs: [[], [0]],
    cached: [0],
    damaged: [0],
    lines: [0],
    targets: [1],
    expected: { ran: [1, 0, 1] },
  },
  'a second attempt comes before what reads it': {
    inputs: [[], [0]],
    retried: [0],
    targets: [1],
    expected: { ran: [0, 0, 1] },
  },
  'who waits for a lease keeps nobody from running': {
    inputs: [[], [], [0, 1]],
    held: [0],
    targets: [2],
    expected: { ran: [1, 0, 2] },
  },
}

const sorted = (nodes: readonly number[]): readonly number[] => nodes.toSorted((left, right) => left - right)
const complete = ({ ran, failed = [], unfinished = [], skipped = [], stopped = [] }: Became): Required<Became> => ({
  ran,
  failed: sorted(failed),
  unfinished: sorted(unfinished),
  skipped: sorted(skipped),
  stopped: sorted(stopped),
})

const simulated = (scenario: Scenario): Required<Became> => {
  const { inputs, asks, asksInCycle, acts, cached, damaged, lines, retried, held, targets, failFast } = scenario
  const loaded = new Set<number>()
  const isOneOf = (nodes: readonly number[] | undefined, node: number): boolean => nodes?.includes(node) === true
  const { steps, facts } = simulate({
    graph: { inputs: (node) => inputs[node] ?? [], wants: () => 'value' },
    limit: 1,
    ...(failFast === true ? { options: { failFast } } : {}),
    targets: targets.map((node) => ({ node, want: 'kept' })),
    world: {
      standing: (node) => (isOneOf(cached, node) ? 'cached' : 'to_run'),
      load: (node) => {
        const isSeen = !isOneOf(lines, node) || loaded.has(node)
        loaded.add(node)
        return isOneOf(damaged, node) && isSeen ? 'missed' : 'loaded'
      },
      damagedInput: (node) => inputs[node]?.find((input) => isOneOf(damaged, input) && isOneOf(lines, input)),
      outcome: (node) => (asksInCycle?.[node] === undefined ? (acts?.[node] ?? 'computed') : 'failed'),
      asks: (node) => [asks?.[node], asksInCycle?.[node]].filter((asked) => asked !== undefined),
      held: (node) => isOneOf(held, node) || isOneOf(retried, node),
    },
  })
  const nodes = new Map(steps.flatMap(({ order, node }) => ('unit' in order ? [[order.unit, node] as const] : [])))
  const ended = (tag: Act): readonly number[] =>
    facts.flatMap((fact) => (fact._tag === tag ? [nodes.get(fact.unit) as number] : []))
  const skips = steps.flatMap(({ order, node }) => (order._tag === 'skip' ? [{ node, because: order.because }] : []))
  return complete({
    ran: steps.flatMap(({ order, node }) => {
      const isBegun = order._tag === 'compute' && !isOneOf(held, node)
      const isOn = order._tag === 'resume' && (isOneOf(held, node) || isOneOf(retried, node))
      return isBegun || isOn ? [node] : []
    }),
    failed: ended('failed'),
    unfinished: ended('unfinished'),
    skipped: skips.flatMap(({ node, because }) => (because.length > 0 ? [node] : [])),
    stopped: skips.flatMap(({ node, because }) => (because.length === 0 ? [node] : [])),
  })
}

const tasksOf = (scenario: Scenario): string => `
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineObject, defineTask, lazy, object } from 'taskchain'
import { checkpoint, jsonLines } from 'taskchain/data'
const calls = join(import.meta.dirname, 'ran.txt')
const run = (node) => appendFileSync(calls, node + '\\n')
const isFirst = (node) => readFileSync(calls, 'utf8').split('\\n').filter((line) => line === String(node)).length === 1
const read = async (lines) => { try { for await (const _ of lines) continue } catch {} }
export const Asker = defineObject('Asker', { args: { name: t.string } }).create(({ name }, { chain }) => ({ ask: () => chain().value(name) }))
${scenario.inputs.map((_, node) => taskOf(scenario, node)).join('\n')}
`

const taskOf = (scenario: Scenario, node: number): string => {
  const { asks = {}, asksInCycle = {}, acts = {}, lines = [], retried = [] } = scenario
  const reads = scenario.inputs[node] ?? []
  const asked = asks[node]
  const act = acts[node] ?? 'computed'
  const inCycle = asksInCycle[node] !== undefined
  const roles = [...reads.map((one) => `n${one}`), ...(asked === undefined ? [] : [`n${asked}: lazy(n${asked})`])]
  const names = [...reads, ...(asked === undefined ? [] : [asked])].map((one) => `n${one}`)
  const data = act === 'unfinished' ? 'checkpoint()' : lines.includes(node) ? 'jsonLines(t.number)' : 't.number'
  const value = inCycle ? 'asker.ask()' : asked !== undefined ? `n${asked}()` : lines.includes(node) ? '[1]' : node
  const ends: Readonly<Record<Act, string>> = {
    failed: `throw new Error('no luck')`,
    unfinished: `return context.unfinished('more to do')`,
    computed: `return ${value}`,
  }
  const steps = [
    `run(${node})`,
    ...(retried.includes(node) ? [`if (isFirst(${node})) throw new Error('not yet')`] : []),
    ...reads.filter((one) => lines.includes(one)).map((one) => `await read(n${one})`),
    ends[act],
  ]
  const spec = [
    `inputs: { ${roles.join(', ')} }`,
    ...(inCycle ? ['params: { asker: object(Asker) }'] : []),
    `data: ${data}`,
    ...(retried.includes(node) ? ['retry: { attempts: 2, delay: 1 }'] : []),
  ]
  const args = [...names, ...(inCycle ? ['asker'] : [])].join(', ')
  return `export const n${node} = defineTask({ ${spec.join(', ')} }).run(async ({ ${args} }, context) => { ${steps.join('; ')} })`
}

const projectOf = (scenario: Scenario): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'\nimport * as module from './nodes.js'\nconst { Asker, ...nodes } = module\nexport default defineProject({ pipelines: { nodes }, objects: { Asker } })\n`,
    'nodes.js': tasksOf(scenario),
    'configs/all.yaml': `tasks: nodes.*\n${Object.values(scenario.asksInCycle ?? {})
      .map((node) => `asker: { class: Asker, args: [n${node}] }\n`)
      .join('')}`,
  })
  return folder
}

/** Overwrites an artifact: as long as it was, and another. */
const damage = (folder: string, node: number): void => {
  for (const name of readdirSync(join(folder, 'store'), { recursive: true, encoding: 'utf8' })) {
    if (!new RegExp(`n${node}[/\\\\][0-9a-f]{32}\\.jsonl?$`).test(name)) continue
    const path = join(folder, 'store', name)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\d/, 'x'))
  }
}

type Library = typeof import('../../src/index.js')
type Workers = typeof import('../../src/workers/index.js')
type Stores = typeof import('../../src/store/index.js')

const carriedOut = async (scenario: Scenario, onThreads: boolean): Promise<Required<Became>> => {
  const folder = projectOf(scenario)
  const { openChain } = (await import(join(root, 'dist/index.js'))) as Library
  const { workerThreads } = (await import(join(root, 'dist/workers/index.js'))) as Workers
  const file = join(folder, 'taskchain.config.js')
  const { default: project } = (await import(pathToFileURL(file).href)) as {
    default: import('../../src/index.js').Project
  }
  const open = (threads: boolean) =>
    openChain(project, {
      config: 'configs/all.yaml',
      root: folder,
      store: join(folder, 'store'),
      logLevel: 'silent',
      concurrency: 1,
      ...(threads ? { executor: workerThreads({ project: file }) } : {}),
    })
  const nameOf = (node: number): string => `n${node}`
  const before = await open(false)
  await before.run((scenario.cached ?? []).map(nameOf))
  await before.close()
  rmSync(join(folder, 'ran.txt'), { force: true })
  scenario.damaged?.forEach((node) => damage(folder, node))
  const chain = await open(onThreads)
  const { fileStore } = (await import(join(root, 'dist/store/index.js'))) as Stores
  const signal = new AbortController().signal
  const leases = await Promise.all(
    (scenario.held ?? []).map((node) => {
      const { group, name, key, extension } = chain.plan.nodes.find((one) => one.name === nameOf(node)) as PlanNode
      const address = { folder: `${group}/${name}`, key, extension }
      return fileStore(join(folder, 'store')).lease(address, { signal, waiting: () => undefined })
    }),
  )
  const report = await chain.run(scenario.targets.map(nameOf), {
    ...(scenario.failFast === true ? { failFast: true } : {}),
    onEvent: (event) => {
      if (event._tag === 'computed') for (const lease of leases) void lease.release()
    },
  })
  await chain.close()
  const numbered = (name: string): number => Number(/\d+$/.exec(name)?.[0])
  return complete({
    ran: callsIn(folder),
    failed: report.failed.flatMap((error) => ('node' in error ? [numbered(error.node)] : [])),
    unfinished: report.unfinished.map(({ node }) => numbered(node)),
    skipped: report.skipped.flatMap(({ node, because }) => (because.length > 0 ? [numbered(node)] : [])),
    stopped: report.skipped.flatMap(({ node, because }) => (because.length === 0 ? [numbered(node)] : [])),
  })
}

const callsIn = (folder: string): readonly number[] => {
  try {
    return readFileSync(join(folder, 'ran.txt'), 'utf8').trimEnd().split('\n').map(Number)
  } catch {
    return []
  }
}

describe.each(Object.entries(scenarios))('%s', (_, scenario) => {
  const expected = complete(scenario.expected)
  it('in a simulation', () => expect(simulated(scenario)).toEqual(expected))
  it('in this process', async () => expect(await carriedOut(scenario, false)).toEqual(expected))
  it('on worker threads', async () => expect(await carriedOut(scenario, true)).toEqual(expected))
})

it('outcomes of targets and of nodes on threads use the words for results', () => {
  expectTypeOf<Outcome['_tag']>().toEqualTypeOf<Result>()
  expectTypeOf<NodeOutcome['_tag']>().toExtend<Result>()
})
