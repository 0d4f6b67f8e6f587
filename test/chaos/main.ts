// npm run chaos [-- --kills 500] [--seed N] [--weight N] [--items N] [--only WORD]: the long form. Ends
// with 1 where anything was wrong.
import { builtOnce } from '../build-once.js'
import { company } from './company.js'
import { killingItems } from './item-kills.js'
import { killing } from './kills.js'
import { network } from './network.js'
import { queueFaults } from './queue.js'
import { scenarios } from './trouble.js'
import { checkWords } from '../../scripts/usage.js'

checkWords(import.meta.filename)

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined
const kills = option('kills', 100)
const seed = option('seed', Date.now() % 1e6)
const weight = option('weight', Math.max(1, Math.round(kills / 100)))

const started = performance.now()
let wrong = 0
const tell = (name: string, done: string, problems: readonly string[]): void => {
  wrong += problems.length
  console.log(`${problems.length === 0 ? 'holds ' : 'BROKEN'} ${name}: ${done}`)
  for (const problem of problems) console.log(`       ${problem}`)
}

builtOnce()
console.log(
  `chaos: ${kills} kills, seed ${seed}, weight ${weight}, node ${process.version}, ${new Date().toISOString()}`,
)
for (const { name, play } of [...company, ...scenarios, ...network, ...queueFaults]) {
  if (only !== undefined && !name.includes(only)) continue
  const { done, problems } = await play({ seed, weight })
  tell(name, done, problems)
}
if (only === undefined || 'kills'.includes(only)) {
  const report = await killing({ kills, seed, progress: (text) => console.log(`       ${text}`) })
  tell(
    'kills',
    `${report.kills} kills, ${report.atWork} of them of a process at work; ${report.stops} stops and continues; ${report.completed} times run to the end in between`,
    report.problems,
  )
}
if (only === undefined || 'items'.includes(only)) {
  const items = option('items', 200 * kills)
  const { calls, again, mostAgain, atWork, problems } = await killingItems({ kills, items, seed })
  tell(
    'items',
    `${kills} kills, ${atWork} at work; ${items} items, ${calls} calls: ${again} paid for again, ${mostAgain} at most after a kill`,
    problems,
  )
}
console.log(
  `${wrong} problems in ${Math.round((performance.now() - started) / 1000)} s; again: npm run chaos -- --kills ${kills} --seed ${seed}`,
)
process.exitCode = wrong > 0 ? 1 : 0
