// One process that asks a paid interface about numbers, an item each; it is killed at any moment.
import { createHash } from 'node:crypto'
import { defineProject, defineTask, openChain, param } from '../../dist/index.js'
import { fileStore } from '../../dist/store/index.js'
import * as t from 'io-ts'

const { root, url, items, concurrency, style } = JSON.parse(process.argv[2])

const ask = async (item, { signal }) => {
  const response = await fetch(`${url}/${item}`, { method: 'POST', signal })
  return response.text()
}

const answers = defineTask({ params: { style: param(t.number, { default: 0 }) }, data: t.array(t.string) }).run((_, { mapItems }) =>
  mapItems(Array.from({ length: items }, (_, at) => at), ask, { concurrency }),
)
const project = defineProject({ pipelines: { paid: { answers } } })
const chain = await openChain(project, { config: { tasks: 'paid:*', style }, store: fileStore(root, { durability: 'none' }) })
const value = await chain.value(answers)
await chain.close()
process.send({ digest: createHash('sha256').update(value.join('\n')).digest('hex') })
process.disconnect()
