// Asks for items 0 to 9 of one set in batches of a provider that ends them once the file OPEN is there:
// node provider-process.mjs ROOT CALLS OPEN [lost]. With lost it dies when the provider has taken a batch, before it knows the id.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineProject, defineTask, openChain } from '../../dist/index.js'

const [root, calls, open, lost] = process.argv.slice(2)
const batches = () =>
  readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
const provider = {
  submit: (items, { keys, idempotencyKey }) => {
    const id = `batch-${batches().length + 1}`
    appendFileSync(calls, `${JSON.stringify({ id, items, keys, idempotencyKey })}\n`) // from here on it is paid for
    if (lost !== undefined) process.kill(process.pid, 'SIGKILL')
    return id
  },
  find: (key) => batches().find(({ idempotencyKey }) => idempotencyKey === key)?.id,
  poll: () => {
    process.stdout.write('polled\n')
    return existsSync(open) ? 'ended' : 'running'
  },
  fetch: (id) => {
    const { items, keys } = batches().find((one) => one.id === id)
    return items.map((item, at) => ({ key: keys[at], value: item * item, usage: { cost: 1 } }))
  },
}
const scored = defineTask({ data: t.array(t.number) }).run((_, { mapItems }) =>
  mapItems(
    Array.from({ length: 10 }, (_, at) => at),
    provider,
    { batch: { size: 10, pollDelay: 20, pollMaxDelay: 20 } },
  ),
)
const project = defineProject({ pipelines: { shop: { scored } } })
const chain = await openChain(project, { config: { tasks: '**' }, store: root, logLevel: 'silent' })
process.stdout.write(`${JSON.stringify(await chain.value('scored'))}\n`)
await chain.close()
