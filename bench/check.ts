// `check` on generated trees of configs, valid and broken. `npx tsx bench/check.ts [sizes…]` prints a table.
import * as t from 'io-ts'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSource } from '../dist/adapters/project/config-files.js'
import { checkConfigs } from '../dist/inspect/check-configs.js'
import { problemsOf } from '../dist/inspect/check-problems.js'
import { defineProject, type Project } from '../dist/declare/project.js'
import { defineTask, type Task } from '../dist/declare/task.js'
import { param } from '../dist/declare/param.js'
import { tableText, type Row } from './table.js'

const groups = 10
const tasksInGroup = 8

/**
 * Ten groups of eight tasks; each task reads the previous one and, at the start of a group, the last one of the
 * previous group.
 */
const layered = (): Project => {
  const pipelines: Record<string, Record<string, Task>> = {}
  let before: Task | undefined
  for (let group = 0; group < groups; group++) {
    const tasks: Record<string, Task> = {}
    for (let index = 0; index < tasksInGroup; index++) {
      const inputs: Record<string, Task> = before === undefined ? {} : { before }
      before = defineTask({
        inputs,
        params: { [`p${group}X${index}`]: t.number, [`q${group}X${index}`]: param(t.string, { default: 'q' }) } as {},
        data: t.number,
      }).run(() => 1) as Task // names generated at run time have no types
      tasks[`t${index}`] = before
    }
    pipelines[`g${group}`] = tasks
  }
  return defineProject({ pipelines })
}

const valuesOf = (group: number): string =>
  Array.from({ length: tasksInGroup }, (_, index) => `p${group}_x${index}: ${group + index}\n`).join('')

/**
 * `size` configs: a tenth are shared parts (a group each, using the previous group), the rest add their own group, so
 * that a chain has one to ten configs, six on average. Broken: every third has a mistake.
 */
const treeOf = (folder: string, size: number, broken: boolean): void => {
  mkdirSync(join(folder, 'configs', 'shared'), { recursive: true })
  const sets = Math.ceil(size / 10 / groups)
  let written = 0
  for (let set = 0; set < sets; set++)
    for (let group = 0; group < groups; group++, written++)
      writeFileSync(
        join(folder, 'configs', 'shared', `s${set}_g${group}.yaml`),
        `tasks: g${group}.*\n${group === 0 ? '' : `uses: s${set}_g${group - 1}.yaml\n`}${valuesOf(group)}`,
      )
  for (let index = 0; written < size; index++, written++) {
    const group = index % groups
    mkdirSync(join(folder, 'configs', `e${index % 20}`), { recursive: true })
    const uses = group === 0 ? '' : `uses: ../shared/s${index % sets}_g${group - 1}.yaml\n`
    const slips = [
      (text: string) => text.replace('_g', '_h'), // dangling uses
      (text: string) => text.replace('_x3:', '_y3:'), // a missing and an unused value
      (text: string) => text.replace(`tasks: g${group}`, `tasks: gg${group}`),
      (text: string) => text.replace(/uses:.*\n/, ''), // inputs are elsewhere
      (text: string) => `${text}größe: 1\n=a: 2\n`,
    ]
    const slip = broken && index % 3 === 0 ? slips[(index / 3) % slips.length] : undefined
    const text = `# experiment ${index}\ntasks: g${group}.*\n${uses}${valuesOf(group)}`
    writeFileSync(join(folder, 'configs', `e${index % 20}`, `c${index}.yaml`), slip?.(text) ?? text)
  }
}

/** Seconds to check trees of the given sizes, valid and broken; the best of three runs. */
export const checkRows = async (sizes: readonly number[] = [1_000]): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const size of sizes)
    for (const broken of [false, true]) {
      const root = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-bench-')))
      try {
        treeOf(root, size, broken)
        let best = Infinity
        let processor = Infinity
        let nodes = 0
        for (let repeat = 0; repeat < 3; repeat++) {
          const start = performance.now()
          const used = process.cpuUsage()
          const origins = await fileSource(root).list('configs')
          const outcomes = await checkConfigs(
            { project: layered(), root, file: join(root, 'taskchain.config.ts') },
            origins,
            { contexts: [], set: {} },
          )
          problemsOf(outcomes)
          best = Math.min(best, (performance.now() - start) / 1000)
          const { user, system } = process.cpuUsage(used)
          processor = Math.min(processor, (user + system) / 1e6)
          nodes = outcomes.reduce((sum, one) => sum + one.nodes, 0)
          if (outcomes.length !== size || outcomes.some(({ outcome }) => outcome === 'wrong') !== broken)
            throw new Error(
              `the tree is not what it should be: ${JSON.stringify(outcomes.find(({ outcome }) => outcome === 'wrong'))}`,
            )
        }
        rows.push({
          what: `check ${size} ${broken ? 'broken ' : ''}configs, ${nodes} nodes`,
          value: best,
          unit: 's',
          limit: size === 1000 ? 2 : undefined,
        })
        rows.push({ what: '  processor time of it, all threads', value: processor, unit: 's', limit: undefined })
      } finally {
        rmSync(root, { recursive: true, force: true })
      }
    }
  return rows
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const sizes = process.argv
    .slice(2)
    .filter((argument) => /^\d+$/.test(argument))
    .map(Number)
  console.log(tableText(await checkRows(sizes.length > 0 ? sizes : undefined)))
}
