// npm run bench -- tables [--quick]: the tables of docs/performance.md, measured now.
import { cpus, totalmem } from 'node:os'
import { planRows } from './plan.js'
import { comparisons, median, peerFigures, ratioOf, shapes, type Compared } from './process.js'

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const comparedRow = (compared: Compared): readonly string[] => {
  const { work, shape, nodes, ours, bare } = compared
  const of = (figures: Compared['ours'], field: 'cpu' | 'memory'): number => median(figures.map((one) => one[field]))
  return [
    `${work}, ${shapes[shape](nodes)}`,
    `${shown(of(ours, 'cpu'))} s`,
    `${shown(of(bare, 'cpu'))} s`,
    `${shown(ratioOf(compared, 'cpu'))} ×`,
    `${(of(ours, 'memory') / 1e6).toFixed(0)} MB`,
    `${(of(bare, 'memory') / 1e6).toFixed(0)} MB`,
  ]
}

export const printTables = async (quick: boolean): Promise<void> => {
  const [{ model } = { model: 'unknown' }] = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`
  const date = new Date().toISOString().slice(0, 10)
  console.log(`${cpus().length} × ${model}, ${memory}, ${process.platform}, Node ${process.versions.node}, ${date}\n`)
  const compared = comparisons(quick).map(comparedRow)
  console.log(table(['', 'processor time', 'bare engine', 'ratio', 'peak memory', 'bare engine'], compared))
  const measured = peerFigures(quick)
  console.log(`\n${peerTable(measured)}`)
  const absent = measured.filter(({ cpu }) => cpu === undefined).map(({ peer }) => peer.name)
  if (absent.length > 0) console.log(`\nNot installed here: ${absent.join(', ')}.`)
  const planned = planRows(quick).map(({ what, value, unit }) => [what, `${shown(value)} ${unit}`])
  console.log(`\n${table(['planning in memory', ''], planned)}`)
}

const peerTable = (measured: ReturnType<typeof peerFigures>): string =>
  table(
    ['processor time', 'a task is', 'nothing to do', 'cold'],
    measured.flatMap(({ peer, nodes, cpu }) =>
      cpu === undefined
        ? []
        : [[`${peer.name}, ${nodes} tasks`, `a ${peer.of}`, `${shown(cpu.nothing)} s`, `${shown(cpu.cold)} s`]],
    ),
  )
