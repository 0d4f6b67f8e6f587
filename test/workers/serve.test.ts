// What a thread says before its death is heard, whichever of the two is noticed first.
import { MessageChannel } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { FromThread } from '../../src/workers/messages.js'
import { portChannels } from '../../src/workers/channel.js'
import { serve } from '../../src/workers/serve.js'

const served = () => {
  const { port1, port2 } = new MessageChannel()
  const told: string[] = []
  const calls = {
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    emit: () => undefined,
    log: ({ message }: { readonly message: string }) => void told.push(message),
    lease: () => Promise.reject(new Error('none')),
  }
  return {
    ...serve(portChannels(port1)(), { plan: {} as never, secrets: new Map(), node: 'a' }, calls),
    told,
    say: (message: FromThread | { readonly _tag: string; readonly [field: string]: unknown }) =>
      port2.postMessage(message),
    close: () => port2.close(),
  }
}

it('why it died is known at once, though no turn of the event loop has brought it', () => {
  const { say, lastWords, told, close } = served()
  say({ _tag: 'Log', line: { level: 'info', message: 'last line', node: 'a' } })
  say({ _tag: 'Dying', how: { _tag: 'rejection', problem: 'nobody waits for this' } })
  close()
  expect([lastWords(), told]).toEqual([
    { outcome: undefined, dying: { _tag: 'rejection', problem: 'nobody waits for this' } },
    ['last line'],
  ])
})

it('an outcome counts though the thread died as it said good-bye', async () => {
  const { say, lastWords, ended, close } = served()
  say({ _tag: 'Ended', outcome: { _tag: 'kept' } })
  close()
  expect([lastWords().outcome, await ended]).toEqual([{ _tag: 'kept' }, { _tag: 'kept' }])
})

it.each([
  ['no object', 5 as never],
  ['an unknown tag', { _tag: 'Eval', code: '1' }],
  ['a field of another type', { _tag: 'Log', line: { level: 'info', message: { toString: 1 }, node: 'a' } }],
  ['a level that is none', { _tag: 'Log', line: { level: 'constructor', message: 'x', node: 'a' } }],
  ['an event that nodes elsewhere do not tell', { _tag: 'Event', event: { _tag: 'ended', report: {} } }],
  [
    'an error without its fields',
    { _tag: 'Ended', outcome: { _tag: 'failed', error: { _tag: 'TaskFailed', node: 'a' } } },
  ],
  [
    'a path for a lease that is none',
    { _tag: 'LeaseWanted', id: 1, address: { folder: ['..'], key: 'x', extension: null } },
  ],
])('what is no message fails the node by name: %s', async (_, message) => {
  const { say, ended, told, close } = served()
  say(message)
  const outcome = await ended
  close()
  expect([outcome, told]).toMatchObject([
    {
      _tag: 'failed',
      error: {
        _tag: 'TaskFailed',
        node: 'a',
        cause: { message: expect.stringContaining('what was sent between threads is no message') },
      },
    },
    [],
  ])
})

it('fields that no message has are left out', async () => {
  const { say, ended, close } = served()
  say({ _tag: 'Ended', outcome: { _tag: 'unfinished', reason: 'quota', more: 1 }, extra: 2 })
  expect(await ended).toEqual({ _tag: 'unfinished', reason: 'quota' })
  close()
})
