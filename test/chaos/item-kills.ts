import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { inFolder, pause, randomFrom } from './processes.js'

/** What the kills of processes that pay for items came to. */
export interface ItemKillReport {
  readonly kills: number
  /** Kills of processes that had asked for something. */
  readonly atWork: number
  readonly calls: number
  /** Items that were paid for again after a kill, and the most of them after one. */
  readonly again: number
  readonly mostAgain: number
  readonly problems: readonly string[]
}

const concurrency = 16
const answerTo = (item: number): string => createHash('sha256').update(`answer ${item}`).digest('hex')

/** The interface that is paid by the call: it counts them, by what is asked and by who was alive. */
const startInterface = async () => {
  /** For each item, the rounds in which it was asked for. */
  const asked = new Map<number, number[]>()
  let round = 0
  let inRound = 0
  let waiting: { readonly count: number; readonly wake: () => void } | undefined
  const server = createServer((request, response) => {
    const item = Number(request.url?.slice(1))
    asked.set(item, [...(asked.get(item) ?? []), round])
    inRound++
    if (waiting !== undefined && inRound >= waiting.count) waiting.wake()
    const answer = (): void => void response.end(answerTo(item))
    if (item % 7 === 0) setTimeout(answer, item % 5)
    else setImmediate(answer)
  }).listen(0, '127.0.0.1')
  server.keepAliveTimeout = 600_000 // a connection that is closed while somebody asks is none of what is tried here
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    asked,
    nextRound: (): void => {
      round++
      inRound = 0
    },
    inRound: (): number => inRound,
    /** Until so many calls have come in this round. */
    reached: (count: number): Promise<void> =>
      inRound >= count ? Promise.resolve() : new Promise((wake) => (waiting = { count, wake })),
    stop: (): void => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** One or two processes on one set of items, and how they end. */
const startAsking = (options: object) => {
  const child = fork(join(import.meta.dirname, 'item-worker.mjs'), [JSON.stringify(options)], {
    execArgv: [],
    stdio: 'inherit',
  })
  let digest: string | undefined
  child.on('message', (told: { readonly digest: string }) => (digest = told.digest))
  const ended = once(child, 'exit').then(() => digest)
  return { ended, kill: () => void child.kill('SIGKILL') }
}

/**
 * Processes ask for items and are killed at random moments, every third time two tasks on one set. Who comes last
 * must get every answer, and nothing may have been paid for again but what was under way at a kill: as many calls as
 * may be begun at once, for each process.
 */
export const killingItems = async (options: {
  readonly kills: number
  readonly items: number
  readonly seed: number
}): Promise<ItemKillReport> => {
  const { items } = options
  const random = randomFrom(options.seed)
  const problems: string[] = []
  const killed: number[] = [] // processes, by round
  let atWork = 0
  const server = await startInterface()
  await inFolder(async (root) => {
    const worker = { root: join(root, 'store'), url: server.url, items, concurrency, style: 0 }
    for (let round = 0; round < options.kills; round++) {
      const asking = Array.from({ length: round % 3 === 2 ? 2 : 1 }, (_, at) => startAsking({ ...worker, style: at }))
      const ended = Promise.all(asking.map((one) => one.ended))
      // so that the last kill comes when most is done
      const share = (items - server.asked.size) / (options.kills - round)
      await Promise.race([server.reached(1 + random(Math.ceil(2 * share))), ended])
      for (const one of asking) {
        await pause(random(asking.length === 1 ? 5 : 40)) // who lives on asks again what the dead one was asking
        one.kill()
      }
      await ended
      if (server.inRound() > 0) atWork++
      killed.push(asking.length)
      server.nextRound()
    }
    const expected = createHash('sha256')
      .update(Array.from({ length: items }, (_, at) => answerTo(at)).join('\n'))
      .digest('hex')
    if ((await startAsking(worker).ended) !== expected) problems.push('the last run came to other answers')
    const calls = Array.from(server.asked.values()).flat().length
    if ((await startAsking({ ...worker, style: 2 }).ended) !== expected) problems.push('kept answers are others')
    const more = Array.from(server.asked.values()).flat().length - calls
    if (more > 0) problems.push(`${more} answers that were kept were paid for again`)
  })
  server.stop()
  const again = killed.map(() => 0)
  for (const [item, rounds] of server.asked)
    for (const [at, round] of rounds.slice(0, -1).entries()) {
      again[round] = (again[round] ?? 0) + 1
      if (round === rounds[at + 1] && killed[round] !== 2)
        problems.push(`item ${item} was paid for twice by one process`)
    }
  for (const [round, count] of again.entries())
    if (count > concurrency * (killed[round] ?? 0))
      problems.push(`kill ${round}: ${count} items were paid for again, ${concurrency} were under way for each process`)
  return {
    kills: options.kills,
    atWork,
    calls: Array.from(server.asked.values()).flat().length,
    again: again.reduce((sum, count) => sum + count, 0),
    mostAgain: Math.max(0, ...again),
    problems,
  }
}
