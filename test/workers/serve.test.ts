// What a thread says before its death is heard, whichever of the two is noticed first.
import { MessageChannel } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { FromThread } from '../../src/workers/messages.js'
import { serve } from '../../src/workers/serve.js'

const served = () => {
  const { port1, port2 } = new MessageChannel()
  const told: string[] = []
  const calls = { stop: new AbortController().signal, kill: new AbortController().signal, tell: () => undefined, log: ({ message }: { readonly message: string }) => void told.push(message), lease: () => Promise.reject(new Error('none')) }
  return { ...serve(port1, { plan: {} as never, secrets: new Map() }, calls), told, say: (message: FromThread) => port2.postMessage(message), close: () => port2.close() }
}

it('why it died is known at once, though no turn of the event loop has brought it', () => {
  const { say, lastWords, told, close } = served()
  say({ _tag: 'Log', line: { level: 'info', message: 'last line', node: 'a' } })
  say({ _tag: 'Dying', how: { _tag: 'rejection', problem: 'nobody waits for this' } })
  close()
  expect([lastWords(), told]).toEqual([{ outcome: undefined, dying: { _tag: 'rejection', problem: 'nobody waits for this' } }, ['last line']])
})

it('an outcome counts though the thread died as it said good-bye', async () => {
  const { say, lastWords, ended, close } = served()
  say({ _tag: 'Ended', outcome: { _tag: 'kept' } })
  close()
  expect([lastWords().outcome, await ended]).toEqual([{ _tag: 'kept' }, { _tag: 'kept' }])
})
