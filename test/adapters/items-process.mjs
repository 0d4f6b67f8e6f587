// Asks for items 0 to N of one set through the file store, says each call on standard output: node items-process.mjs ROOT N
import { appendFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineProject, defineTask, openChain, param } from '../../dist/index.js'

const [root, count, calls] = process.argv.slice(2)
const scored = defineTask({ params: { who: param(t.number) }, data: t.number }).run(async (_, { mapItems }) => {
  const results = await mapItems(
    Array.from({ length: Number(count) }, (_, at) => at),
    async (item, { usage }) => {
      appendFileSync(calls, `${item}\n`) // the call is paid for
      await new Promise((resolve) => setTimeout(resolve, 1))
      usage({ cost: 1 })
      return { item, text: 'x'.repeat(50) }
    },
    { concurrency: 8 },
  )
  return results.reduce((sum, { item }) => sum + item, 0)
})
const project = defineProject({ pipelines: { shop: { scored } } })
const chain = await openChain(project, { config: { tasks: '**', who: process.pid }, store: root, logLevel: 'silent' })
process.stdout.write(`${await chain.value('scored')}\n`)
await chain.close()
