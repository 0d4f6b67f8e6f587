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

it('a node that a stop reaches while it waits for a worker is not computed', async () => {
  const deaths: (() => void)[] = []
  const kind = {
    executor: 'none',
    called: 'a worker',
    start: () => {
      let kill = (): void => undefined
      const death = new Promise<undefined>((resolve) => (kill = () => resolve(undefined)))
      deaths.push(kill)
      return { channel: () => silent, death, kill, hold: () => undefined }
    },
    deathOf: () => new Error('it died'),
  }
  const executor = poolExecutor(kind, { project: import.meta.url })
  const stopping = new AbortController()
  const calls: NodeCalls = {
    stop: stopping.signal,
    kill: new AbortController().signal,
    emit: () => undefined,
    log: () => undefined,
    lease: () => Promise.reject(new Error('none')),
  }
  const job = { plan: {}, secrets: new Map(), node: 'a' } as unknown as NodeJob
  const most = 256
  const computing = Array.from({ length: most }, async () => executor.elsewhere?.(job, calls))
  const waiting = executor.elsewhere?.(job, calls)
  const ended = Promise.allSettled(computing)
  await new Promise(setImmediate)
  expect(deaths).toHaveLength(most)
  stopping.abort()
  deaths[0]?.()
  expect(await waiting).toEqual({ _tag: 'stopped' })
  await executor.close?.()
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
  expect(deaths).toHaveLength(most)
})
