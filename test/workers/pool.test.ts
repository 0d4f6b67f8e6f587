// Pools as such, with workers that only exist by name.
import { expect, it } from 'vitest'
import { poolExecutor } from '../../src/workers/pool.js'
import type { NodeCalls, NodeJob } from '../../src/runtime/ports/node-job.js'
import type { Channel } from '../../src/workers/channel.js'

const silent: Channel = {
  post: () => undefined,
  onMessage: () => undefined,
  onClose: () => undefined,
  unheard: () => [],
  close: () => undefined,
}

/** A pool whose workers send over `channel`; `kills` has one function for each worker, `dead` those that have died. */
const poolWith = (channel: Channel) => {
  const kills: (() => void)[] = []
  const dead = new Set<number>()
  const kind = {
    executor: 'none',
    called: 'a worker',
    start: () => {
      const number = kills.length
      let die = (): void => undefined
      const death = new Promise<undefined>((resolve) => (die = () => resolve(undefined)))
      const kill = (): void => {
        dead.add(number)
        die()
      }
      kills.push(kill)
      return { channel: () => channel, death, kill, hold: () => undefined }
    },
    deathOf: () => new Error('it died'),
  }
  return { executor: poolExecutor(kind, { project: import.meta.url }), kills, dead }
}

const callsWith = (stop: AbortSignal): NodeCalls => ({
  stop,
  kill: new AbortController().signal,
  emit: () => undefined,
  log: () => undefined,
  lease: () => Promise.reject(new Error('none')),
})

const job = { plan: {}, secrets: new Map(), node: 'a' } as unknown as NodeJob

it('a node that a stop reaches while it waits for a worker is not computed', async () => {
  const { executor, kills } = poolWith(silent)
  const stopping = new AbortController()
  const calls = callsWith(stopping.signal)
  const most = 256
  const computing = Array.from({ length: most }, async () => executor.elsewhere?.(job, calls))
  const waiting = executor.elsewhere?.(job, calls)
  const ended = Promise.allSettled(computing)
  await new Promise(setImmediate)
  expect(kills).toHaveLength(most)
  stopping.abort()
  kills[0]?.()
  expect(await waiting).toEqual({ _tag: 'stopped' })
  await executor.close?.()
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
  expect(kills).toHaveLength(most)
})

it('a worker to which a node cannot be sent ends with that node', async () => {
  const refusing = (): never => {
    throw new Error('it cannot be cloned')
  }
  const { executor, kills, dead } = poolWith({ ...silent, post: refusing })
  const calls = callsWith(new AbortController().signal)
  await expect(executor.elsewhere?.(job, calls)).rejects.toThrow('it cannot be cloned')
  expect([kills.length, ...dead]).toEqual([1, 0])
  await executor.close?.()
})
