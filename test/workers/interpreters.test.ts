// One contract for all who carry out a scheduler's orders: the same small worlds, in a simulation, in this process and
// on worker threads.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { Outcome } from '../../src/runtime/engine/run-types.js'
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
  readonly acts?: Readonly<Record<number, Act>>
  /** In the store before. */
  readonly cached?: readonly number[]
  /** Of these what is not what was committed. */
  readonly damaged?: readonly number[]
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
}

const sorted = (nodes: readonly number[]): readonly number[] => nodes.toSorted((left, right) => left - right)
const complete = ({ ran, failed = [], unfinished = [], skipped = [], stopped = [] }: Became): Required<Became> => ({
  ran,
  failed: sorted(failed),
  unfinished: sorted(unfinished),
  skipped: sorted(skipped),
  stopped: sorted(stopped),
})

const simulated = ({ inputs, asks, acts, cached, damaged, targets, failFast }: Scenario): Required<Became> => {
  const { steps, facts } = simulate({
    graph: { inputs: (node) => inputs[node] ?? [], wants: () => 'value' },
    limit: 1,
    ...(failFast === true ? { options: { failFast } } : {}),
    targets: targets.map((node) => ({ node, want: 'kept' })),
    world: {
      standing: (node) => (cached?.includes(node) === true ? 'cached' : 'to_run'),
      load: (node) => (damaged?.includes(node) === true ? 'missed' : 'loaded'),
      outcome: (node) => acts?.[node] ?? 'computed',
      asks: (node) => (asks?.[node] === undefined ? [] : [asks[node] as number]),
    },
  })
  const nodes = new Map(steps.flatMap(({ order, node }) => ('unit' in order ? [[order.unit, node] as const] : [])))
  const ended = (tag: Act): readonly number[] =>
    facts.flatMap((fact) => (fact._tag === tag ? [nodes.get(fact.unit) as number] : []))
  const skips = steps.flatMap(({ order, node }) => (order._tag === 'skip' ? [{ node, because: order.because }] : []))
  return complete({
    ran: steps.flatMap(({ order, node }) => (order._tag === 'compute' ? [node] : [])),
    failed: ended('failed'),
    unfinished: ended('unfinished'),
    skipped: skips.flatMap(({ node, because }) => (because.length > 0 ? [node] : [])),
    stopped: skips.flatMap(({ node, because }) => (because.length === 0 ? [node] : [])),
  })
}

const tasksOf = ({ inputs, asks = {}, acts = {} }: Scenario): string => `
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask, lazy } from 'taskchain'
import { checkpoint } from 'taskchain/data'
const run = (node) => appendFileSync(join(import.meta.dirname, 'ran.txt'), node + '\\n')
${inputs
  .map((read, node) => {
    const asked = asks[node]
    const roles = [...read.map((one) => `n${one}`), ...(asked === undefined ? [] : [`n${asked}: lazy(n${asked})`])]
    const act = acts[node] ?? 'computed'
    const data = act === 'unfinished' ? 'checkpoint()' : 't.number'
    const names = [...read, ...(asked === undefined ? [] : [asked])].map((one) => `n${one}`)
    const ends: Readonly<Record<Act, string>> = {
      failed: `throw new Error('no luck')`,
      unfinished: `return context.unfinished('more to do')`,
      computed: asked === undefined ? `return ${node}` : `return n${asked}()`,
    }
    return `export const n${node} = defineTask({ inputs: { ${roles.join(', ')} }, data: ${data} }).run(async ({ ${names.join(', ')} }, context) => { run(${node}); ${ends[act]} })`
  })
  .join('\n')}
`

const projectOf = (scenario: Scenario): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'\nimport * as nodes from './nodes.js'\nexport default defineProject({ pipelines: { nodes } })\n`,
    'nodes.js': tasksOf(scenario),
    'configs/all.yaml': 'tasks: nodes.*\n',
  })
  return folder
}

/** Overwrites an artifact: as long as it was, and another. */
const damage = (folder: string, node: number): void => {
  for (const name of readdirSync(join(folder, 'store'), { recursive: true, encoding: 'utf8' })) {
    if (!new RegExp(`n${node}[/\\\\][0-9a-f]{32}\\.json$`).test(name)) continue
    const path = join(folder, 'store', name)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\d/, 'x'))
  }
}

type Library = typeof import('../../src/index.js')
type Workers = typeof import('../../src/workers/index.js')

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
  const report = await chain.run(scenario.targets.map(nameOf), scenario.failFast === true ? { failFast: true } : {})
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
