// One run of the library in a separate process, from config to exit: node library.mjs DIST SHAPE COUNT ROOT DURABILITY.
// Prints a single line with the figures of the process.
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { inputsOf, pipelineOf, tasksOf, valueOf, widthOf } from './graph.mjs'
import { figures } from './figures.mjs'

const [dist, shape, given, root, durability] = process.argv.slice(2)
const { defineProject, defineTask, openChain } = await import(pathToFileURL(resolve(dist, 'index.js')).href)
const t = await import('io-ts')

const count = tasksOf(shape, Number(given))
const width = widthOf(count)
const tasks = []
const pipelines = {}
for (let index = 0; index < count; index++) {
  const inputs = Object.fromEntries(inputsOf(index, width).map((input, arm) => [`input${arm}`, tasks[input]]))
  const [amount, label] = [`amount_${index}`, `label_${index}`]
  tasks[index] = defineTask({ inputs, params: { [amount]: t.number, [label]: t.string }, data: t.number }).run((args) =>
    valueOf(
      Object.keys(inputs).map((name) => args[name]),
      args[amount],
      args[label],
    ),
  )
  ;(pipelines[pipelineOf(index)] ??= {})[`task${index}`] = tasks[index]
}
const chain = await openChain(defineProject({ pipelines, store: 'store' }), { config: 'main.yaml', root, durability })
const opened = process.cpuUsage()
const report = await chain.run()
await chain.close()
figures({
  computed: report.computed.length,
  cached: report.cached.length,
  failed: report.failed.length,
  opened: (opened.user + opened.system) / 1e6,
})
