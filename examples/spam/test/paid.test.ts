import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openChain } from 'taskchain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtOnce } from '../../../test/build-once.js'
import { startJudge, type Judge } from '../judge/server.js'
import project from '../taskchain.config.js'
import { judgeVerdicts } from '../tasks/judge.js'
import { report } from '../tasks/report.js'

const root = resolve(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/example-spam.md'), 'utf8')

let store: string
let judge: Judge
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'taskchain-spam-'))
  judge = await startJudge({ latency: 5, requestsPerSecond: 1000 })
})
afterEach(async () => {
  await judge.stop()
  rmSync(store, { recursive: true })
})

const small = (settings: object) =>
  openChain(project, { config: { tasks: 'spam:*', one_of: 20, judge_url: judge.url, ...settings }, store })

test('who is killed while asking goes on with what is missing, and the report is the one of the page', async () => {
  builtOnce()
  const words = ['run', 'small', 'judge_verdicts', '--set', `judge_url=${judge.url}`, '--store', store]
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...words], {
    cwd: resolve(import.meta.dirname, '..'),
  })
  const ended = new Promise((done) => void child.once('close', done))
  while (judge.bill().billed < 25) await new Promise((done) => void setImmediate(done))
  child.kill('SIGKILL')
  await ended
  const atKill = judge.bill().billed
  const chain = await small({})
  // a truncated answer is not accepted, and is requested again by the next run
  const said = await chain.value(report).catch(() => chain.value(report))
  const [, expected] = /```text\n( +mails +naive Bayes[^]*?)\n```/.exec(page) ?? []
  expect(said).toBe(expected)
  const { billed, lost, cut } = judge.bill()
  const mails = (await chain.value(judgeVerdicts)).length
  expect(atKill).toBeLessThan(mails)
  expect(billed - mails).toBeLessThanOrEqual(lost + cut + 16) // those in progress at the kill
  await chain.close()
  const other = await small({ in_at_least: 9 })
  expect(await other.value(report)).not.toBe(expected)
  expect(judge.bill().billed).toBe(billed) // another classifier sends the judge no requests
  await other.close()
})

test('no more is spent than the budget', async () => {
  const chain = await small({ max_cost: 0.003, attempts: 9 })
  await expect(chain.value(judgeVerdicts)).rejects.toThrow('above maxCost 0.003')
  const { cost, billed, lost } = judge.bill()
  expect(billed).toBeGreaterThan(10)
  expect(cost).toBeLessThan(0.003 + (16 + lost) * 0.0002) // the cost of a call is known once it has ended
  await chain.close()
})

test('who is told to come back later does, and pays once', async () => {
  await judge.stop()
  judge = await startJudge({ latency: 1, requestsPerSecond: 1e6, limiting: 0.1, failing: 0, losing: 0, cutting: 0 })
  const chain = await small({ requests_per_minute: 1e6, attempts: 20 })
  const mails = (await chain.value(judgeVerdicts)).length
  const { tooMany, billed } = judge.bill()
  expect([tooMany > 0, billed]).toEqual([true, mails])
  await chain.close()
})

test('a wrong question is asked once, and the answer says what is wrong', async () => {
  const chain = await small({ model: 'huge' })
  await expect(chain.value(judgeVerdicts)).rejects.toThrow('there is no model huge')
  const { asked, billed } = judge.bill()
  expect([asked < 70, billed]).toEqual([true, 0])
  await chain.close()
})
