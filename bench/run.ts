// Overhead of the runtime: a fully cached run by number of folders, and the overhead of an in-memory task.
import * as t from 'io-ts'
import { mkdtempSync, existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '../dist/adapters/file-store/file-store.js'
import { memoryStore } from '../dist/adapters/memory-store/memory-store.js'
import { inMemory } from '../dist/declare/format.js'
import { matching } from '../dist/declare/input.js'
import { defineProject, type Project } from '../dist/declare/project.js'
import { defineTask, type Task } from '../dist/declare/task.js'
import { indexProject } from '../dist/plan/names/project-index.js'
import type { Plan } from '../dist/plan/plan-types.js'
import { makeChain } from '../dist/runtime/chain/chain.js'
import { systemClock } from '../dist/runtime/session/system-clock.js'
import type { Store } from '../dist/runtime/ports/store.js'
import { makeSession } from '../dist/runtime/session/session.js'
import { planOf } from '../dist/testing/plan-of.js'
import type { Row } from './table.js'

const quiet = { attach: () => undefined, write: () => undefined, detach: async () => undefined }

const chainOver = (project: Project, plan: Plan, store: Store) =>
  makeChain(
    makeSession({ project, index: indexProject(project), store, clock: systemClock, log: quiet, concurrency: 2 }),
    plan,
  )

/** Layers of tasks, each reading three of the previous layer. `kept`: stored as JSON; otherwise in memory. */
const layered = (count: number, kept: boolean): Project => {
  const width = Math.max(1, Math.round(Math.sqrt(count)))
  const tasks: Task<number>[] = []
  for (let index = 0; index < count; index++) {
    const inputs: Record<string, Task<number>> = {}
    if (index >= width)
      for (let arm = 0; arm < 3; arm++)
        inputs[`input${arm}`] = tasks[
          Math.floor(index / width) * width - width + ((index + arm * 7) % width)
        ] as Task<number>
    const spec = { inputs, data: kept ? t.number : inMemory<number>() }
    tasks.push(
      defineTask(spec).run(
        (args) => Object.values(args).reduce((sum: number, value) => sum + (value as number), 1) % 1000,
      ) as Task<number>,
    )
  }
  return defineProject({
    pipelines: { layers: Object.fromEntries(tasks.map((task, index) => [`task${index}`, task])) },
  })
}

/** One task in many namespaces: many nodes, one folder. */
const manyNodes = (count: number): { readonly project: Project; readonly plan: Plan } => {
  const value = defineTask({ params: { seed: t.number }, data: t.number }).run(({ seed }) => seed)
  const total = defineTask({
    inputs: { all: matching(/value/, t.number, { anyNamespace: true }) },
    data: t.number,
  }).run(({ all }) => Object.values(all).length)
  const project = defineProject({ pipelines: { p: { value }, q: { total } } })
  const configs: Record<string, object> = {
    main: { tasks: 'q.*', uses: Array.from({ length: count }, (_, index) => `c${index} as n${index}`) },
  }
  for (let index = 0; index < count; index++) configs[`c${index}`] = { tasks: 'p.*', seed: index }
  return { project, plan: planOf({ tasks: project, configs }) }
}

/** A store that counts the calls it receives. */
const counting = (store: Store): { readonly store: Store; readonly counts: Record<string, number> } => {
  const counts: Record<string, number> = { list: 0, open: 0, lease: 0 }
  return {
    counts,
    store: {
      ...store,
      list: (folders) => ((counts['list'] = (counts['list'] ?? 0) + folders.length), store.list(folders)),
      open: (address) => ((counts['open'] = (counts['open'] ?? 0) + 1), store.open(address)),
      lease: (address, options) => ((counts['lease'] = (counts['lease'] ?? 0) + 1), store.lease(address, options)),
    },
  }
}

/**
 * What leases, and the index for detecting code drift, add to a run that finds everything: the minimum of several
 * alternating runs with and without.
 */
const trustCost = async (
  project: Project,
  plan: Plan,
  root: string,
): Promise<{ readonly leases: number; readonly index: number }> => {
  const least: [number, number, number] = [Infinity, Infinity, Infinity]
  for (let round = 0; round < 24; round++) {
    const whole = fileStore(root, { durability: 'none' })
    const { facts: _, ...indexless } = whole
    const leaseless: Store = { ...whole, lease: async () => ({ release: async () => undefined }) }
    const { seconds } = await timed(() =>
      chainOver(project, plan, [whole, leaseless, indexless][round % 3] as Store).run(),
    )
    least[(round % 3) as 0] = Math.min(least[(round % 3) as 0], seconds)
  }
  return { leases: least[0] / least[1], index: least[0] / least[2] }
}

const folder = (): string => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'taskchain-bench-'))

const timed = async <A>(work: () => Promise<A>): Promise<{ readonly seconds: number; readonly value: A }> => {
  const began = performance.now()
  const value = await work()
  return { seconds: (performance.now() - began) / 1000, value }
}

/** Runs the benchmarks of the runtime; `nodes` as in the targets: 10,000. */
export const benchRun = async (nodes = 10_000): Promise<readonly Row[]> => {
  const rows: Row[] = []

  const { project, plan } = manyNodes(nodes)
  const root = folder()
  try {
    const cold = await timed(() => chainOver(project, plan, fileStore(root, { durability: 'none' })).run())
    rows.push({
      what: `cold run, ${nodes + 1} nodes of one folder, stored as JSON`,
      value: (cold.seconds / nodes) * 1e6,
      unit: 'µs a node',
      limit: undefined,
    })
    const { store, counts } = counting(fileStore(root, { durability: 'none' }))
    const warm = await timed(() => chainOver(project, plan, store).run())
    if (warm.value.computed.length > 0) throw new Error('a cached run has computed something')
    rows.push({ what: `fully cached run, ${nodes + 1} nodes in 2 folders`, value: warm.seconds, unit: 's', limit: 1 })
    rows.push({
      what: 'folders listed in that run (task folders: 2)',
      value: counts['list'] ?? 0,
      unit: 'listings',
      limit: 2,
    })
    rows.push({ what: 'artifacts opened in that run', value: counts['open'] ?? 0, unit: 'files', limit: 0 })
    rows.push({ what: 'leases taken in that run', value: counts['lease'] ?? 0, unit: 'leases', limit: 0 })
    const cost = await trustCost(project, plan, root)
    rows.push({ what: 'the same run to one over a store without leases', value: cost.leases, unit: '×', limit: 1.15 })
    rows.push({
      what: 'the same run to one that reads no index and so detects no code drift',
      value: cost.index,
      unit: '×',
      limit: undefined,
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }

  const memory = layered(nodes, false)
  const memoryPlan = planOf({ tasks: memory })
  const last = memoryPlan.nodes.map((node) => node.id)
  const inMemoryRun = await timed(() => chainOver(memory, memoryPlan, memoryStore()).run(last))
  if (inMemoryRun.value.computed.length !== nodes) throw new Error('not every task in memory ran')
  rows.push({
    what: `overhead of a task in memory (${nodes} tasks, 3 inputs each)`,
    value: (inMemoryRun.seconds / nodes) * 1e6,
    unit: 'µs a task',
    limit: 100,
  })
  return rows
}
