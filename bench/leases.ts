// The cost of the heartbeat thread: a process that computes one small task, with and without a lease, and one that
// finds everything cached.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Row } from './table.js'

/**
 * A separate process on the built library; reports the time from its first line to the end of its work, and whether a
 * thread was started.
 */
const program = (mode: 'cold' | 'cold without heartbeat' | 'cached', root: string): string => `
  import * as t from ${JSON.stringify(import.meta.resolve('io-ts'))}
  ${mode === 'cold without heartbeat' ? "import workers from 'node:worker_threads'; import { syncBuiltinESMExports } from 'node:module'; workers.Worker = class { once() {} unref() {} postMessage() {} }; syncBuiltinESMExports()" : ''}
  const { defineTask, defineProject, openChain } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)})
  const tasks = Object.fromEntries(Array.from({ length: 20 }, (_, index) => ['task' + index, defineTask({ data: t.number }).run(() => index)]))
  const start = performance.now()
  const chain = await openChain(defineProject({ pipelines: { p: tasks } }), { config: { tasks: 'p.*' }, store: ${JSON.stringify(root)} })
  await chain.run()
  await chain.close()
  const { user, system } = process.cpuUsage()
  process.stdout.write(JSON.stringify({ run: performance.now() - start, processor: (user + system) / 1000 }))
`

interface Measured {
  readonly run: number
  readonly processor: number
  readonly whole: number
}

const measured = (mode: Parameters<typeof program>[0], root: string): Measured => {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program(mode, root)], {
    encoding: 'utf8',
    cwd: resolve(import.meta.dirname, '..'),
  })
  if (status !== 0) throw new Error(stderr)
  return {
    ...(JSON.parse(stdout) as { readonly run: number; readonly processor: number }),
    whole: performance.now() - start,
  }
}

/** The best of interleaved rounds, since the machine is shared. */
export const leaseRows = async (rounds = 15): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-bench-leases-'))
  const modes = ['cold', 'cold without heartbeat', 'cached'] as const
  const results = new Map(modes.map((mode) => [mode, [] as Measured[]]))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const mode of modes)
        results.get(mode)?.push(measured(mode, join(folder, mode === 'cached' ? 'shared' : `${mode} ${round}`)))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const best = (values: readonly number[]): number => Math.min(...values)
  return modes.flatMap((mode) => {
    const of = results.get(mode) ?? []
    return [
      { what: `20 small tasks, ${mode}: the run`, value: best(of.map(({ run }) => run)), unit: 'ms', limit: undefined },
      {
        what: `20 small tasks, ${mode}: processor time`,
        value: best(of.map(({ processor }) => processor)),
        unit: 'ms',
        limit: undefined,
      },
      {
        what: `20 small tasks, ${mode}: the process`,
        value: best(of.map(({ whole }) => whole)),
        unit: 'ms',
        limit: undefined,
      },
    ]
  })
}

if (process.argv[1] === import.meta.filename) console.log((await import('./table.js')).tableText(await leaseRows()))
