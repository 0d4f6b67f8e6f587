import { parseArgs } from 'node:util'
import { startJudge, usual } from './server.js'

/** Runs only the API, until Ctrl-C: `node --import tsx judge/main.ts --failing 0.2 --requestsPerSecond 50`. */
const { values } = parseArgs({
  options: Object.fromEntries(Object.keys(usual).map((name) => [name, { type: 'string' as const }])),
})
const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))
const judge = await startJudge({ port: 8123, ...numbers })
console.log(`${judge.url} answers; GET /bill tells what it has come to, Ctrl-C ends it`)
process.once('SIGINT', () => {
  console.table(judge.bill())
  void judge.stop()
})
