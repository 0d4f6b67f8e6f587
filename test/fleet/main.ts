// npm run simulate -- [--nodes N] [--workers N] [--seed N] [--shape layers|any|chains] [--known 0]: the scheduler of a
// fleet without machines. Faults: [--life S] [--absence S] [--deaths N] [--kills N] [--damage P] [--waits P]
import { shapes, type Shape } from './dag.js'
import { simulateFleet } from './simulate.js'
import { checkWords } from '../../scripts/usage.js'

checkWords(import.meta.filename)

const word = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const option = (name: string, otherwise: number): number => Number(word(name) ?? otherwise)
const shape = (word('shape') ?? 'layers') as Shape
if (!shapes.includes(shape)) throw new RangeError(`--shape is one of ${shapes.join(', ')}`)
const [nodes, workers, seed] = [option('nodes', 1_000_000), option('workers', 1000), option('seed', 1)]
const faults = {
  life: option('life', 4 * 3600),
  absence: option('absence', 120),
  patience: 10,
  deaths: option('deaths', 5),
  kills: option('kills', 2),
  damage: option('damage', 1e-5),
  waits: option('waits', 1e-3),
}
const result = simulateFleet({ shape, nodes, workers, seed, faults, known: option('known', 1) === 1 })
const lost = nodes - result.commits.reduce((sum, count) => sum + Math.min(count, 1), 0)
const perSecond = (count: number, milliseconds: number): number => Math.round((count / milliseconds) * 1000)
const rows: readonly (readonly [string, string])[] = [
  ['graph', `${nodes} nodes, ${shape}, seed ${seed}`],
  ['workers', `${workers}, of which ${result.deaths} died; nodes begun again: ${result.redone}`],
  ['the run', `killed ${faults.kills} times; damaged artifacts: ${result.damages}`],
  [
    'makespan',
    `${(result.makespan / 3600).toFixed(2)} h, ${(result.makespan / result.bound).toFixed(3)} of list scheduling`,
  ],
  ['workers at work', `${(100 * result.busy).toFixed(1)} %`],
  [
    'nodes without a result',
    `${lost} (failed ${result.failed}, skipped ${result.skipped}); begun too early: ${result.early}`,
  ],
  [
    'real time',
    `${(result.real / 1000).toFixed(1)} s (${(result.processor / 1000).toFixed(1)} s of processors), ${(result.thinking / 1000).toFixed(1)} s of it in the scheduler`,
  ],
  ['decisions', `${perSecond(nodes, result.real)} nodes/s (${perSecond(nodes, result.processor)} of processor time)`],
  ['memory', `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`],
]
for (const [name, value] of rows) console.log(`${name.padEnd(24)}${value}`)
process.exitCode = result.finished && lost === result.failed + result.skipped && result.early === 0 ? 0 : 1
