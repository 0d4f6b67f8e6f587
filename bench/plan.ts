/**
 * Planning of layered graphs: width about √N, 3 inputs from the previous layer and 2 params per task, one config of 2N
 * values.
 * `npx tsx bench/plan.ts [--json] [sizes…]` prints a table; `benchPlan` is called by bench/main.ts.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseDocument } from '../dist/config/document.js'
import { resolveConfigs } from '../dist/config/resolve.js'
import type { ConfigDocument, ResolvedConfigs, ResolvedValue } from '../dist/config/config-types.js'
import { defineProject, type Project } from '../dist/declare/project.js'
import { defineTask, type Task } from '../dist/declare/task.js'
import { explainAll } from '../dist/explain.js'
import { planChain } from '../dist/plan/plan.js'
import type { Row } from './table.js'

export interface PlanBenchRow {
  readonly nodes: number
  /** Seconds of `planChain` for a project never planned before, including indexing. */
  readonly plan: number
  /** Microseconds per node. */
  readonly perNode: number
  /** Seconds to parse and resolve the same config from YAML text; undefined if not requested. */
  readonly yaml: number | undefined
  /** Growth of time with size, relative to the previous row: 1 is linear. */
  readonly exponent: number | undefined
}

/** A project of `size` tasks in layers, and the text of a config that contains them all. */
export const layeredProject = (size: number): { readonly project: Project; readonly names: readonly string[] } => {
  const width = Math.max(1, Math.round(Math.sqrt(size)))
  const pipelines: Record<string, Record<string, Task>> = {}
  const names: string[] = []
  let before: Task[] = []
  for (let made = 0, layer = 0; made < size; layer++) {
    const tasks: Task[] = []
    for (let index = 0; index < width && made < size; index++, made++) {
      const inputs: Record<string, Task> = {}
      for (let input = 0; input < Math.min(3, before.length); input++)
        inputs[`in${input}`] = before[(index + input) % before.length] as Task
      const task = defineTask({
        inputs,
        params: { [`p${made}`]: t.number, [`q${made}`]: t.string } as {},
        data: t.number,
      }).run(() => 1) as Task // names generated at run time have no types
      ;(pipelines[`layer${layer}`] ??= {})[`t${index}`] = task
      names.push(`p${made}`, `q${made}`)
      tasks.push(task)
    }
    before = tasks
  }
  return { project: defineProject({ pipelines }), names }
}

const valueAt = (index: number): number | string => (index % 2 === 0 ? index : `value ${index}`)

/** The resolved config of a layered project, created in memory. */
export const layeredConfig = (names: readonly string[]): ResolvedConfigs => {
  const at = (line: number) => ({ origin: 'bench.yaml', line, column: 1 })
  const values = new Map(
    names.map((name, index): [string, ResolvedValue] => {
      const value = valueAt(index)
      return [
        name,
        {
          unexpanded: value,
          expanded: value,
          located: { value, place: at(index + 2) },
          overrides: undefined,
          own: undefined,
          fromContext: false,
        },
      ]
    }),
  )
  const config = {
    id: 'bench.yaml',
    origin: 'bench.yaml',
    name: 'bench',
    namespace: '',
    place: at(1),
    tasks: [{ pattern: '**', place: at(1) }],
    excludedTasks: [],
    values,
    humanReadableName: undefined,
    uses: [],
  }
  return { entry: 'bench.yaml', configs: [config], contextValues: [], contextName: undefined, warnings: [] }
}

const layeredYaml = (names: readonly string[]): string =>
  `tasks: '**'\n${names.map((name, index) => `${name}: ${valueAt(index)}`).join('\n')}\n`

/**
 * Plans layered graphs of the given sizes, the best of several repeats each. With `yaml`, also parses and resolves the
 * config from text.
 */
export const benchPlan = (
  sizes: readonly number[] = [1_000, 10_000, 100_000],
  options: { readonly repeats?: number; readonly yaml?: boolean } = {},
): readonly PlanBenchRow[] => {
  const rows: PlanBenchRow[] = []
  for (const nodes of sizes) {
    let [plan, yaml] = [Infinity, Infinity]
    for (let repeat = 0; repeat < (options.repeats ?? 5); repeat++) {
      const { project, names } = layeredProject(nodes)
      const resolved = layeredConfig(names)
      plan = Math.min(
        plan,
        timed(() => rightOf(planChain(project, resolved)).nodes),
      )
      if (options.yaml === true) {
        const text = layeredYaml(names)
        yaml = Math.min(
          yaml,
          timed(() =>
            rightOf(
              E.chain((document: ConfigDocument) => resolveConfigs(new Map([['bench.yaml', document]]), 'bench.yaml'))(
                parseDocument('bench.yaml', text),
              ),
            ),
          ),
        )
      }
    }
    const before = rows[rows.length - 1]
    const exponent = before === undefined ? undefined : Math.log(plan / before.plan) / Math.log(nodes / before.nodes)
    rows.push({ nodes, plan, perNode: (plan / nodes) * 1e6, yaml: options.yaml === true ? yaml : undefined, exponent })
  }
  return rows
}

/** The same as rows of the benchmark table, with the limits that must hold. Quick: without the largest size. */
export const planRows = (quick: boolean): readonly Row[] => {
  const rows = benchPlan(quick ? [1_000, 10_000] : undefined, { repeats: quick ? 5 : 7 })
  const [first, last] = [rows[0], rows[rows.length - 1]] as [PlanBenchRow, PlanBenchRow]
  return [
    ...rows.map(
      ({ nodes, plan }): Row => ({
        what: `plan ${nodes} nodes`,
        value: plan,
        unit: 's',
        limit: nodes === 10_000 ? 0.25 : undefined,
      }),
    ),
    {
      what: `growth from ${first.nodes} to ${last.nodes} nodes`,
      value: Math.log(last.plan / first.plan) / Math.log(last.nodes / first.nodes),
      unit: '(1 is linear)',
      limit: 1.15,
    },
  ]
}

const timed = (work: () => unknown): number => {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

const rightOf = <A>(outcome: E.Either<Parameters<typeof explainAll>[0], A>): A => {
  if (E.isRight(outcome)) return outcome.right
  throw new Error(explainAll(outcome.left.slice(0, 5)))
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const given = process.argv.slice(2)
  const sizes = given.filter((argument) => /^\d+$/.test(argument)).map(Number)
  const rows = benchPlan(sizes.length > 0 ? sizes : undefined, { yaml: true })
  if (given.includes('--json')) console.log(JSON.stringify(rows))
  else
    console.table(
      rows.map((row) => ({
        nodes: row.nodes,
        'plan s': row.plan.toFixed(4),
        'µs a node': row.perNode.toFixed(1),
        exponent: row.exponent?.toFixed(2) ?? '',
        'yaml s': row.yaml?.toFixed(3) ?? '',
      })),
    )
}
