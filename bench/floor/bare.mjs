// A bare engine for the graph of `graph.mjs`, the minimum that a run can cost in Node: it declares the tasks, reads the
// configs, makes a key for each node, checks one file per node, computes the missing nodes and writes run info and
// data, each renamed into place. No checks, no leases, no syncs.
// node bare.mjs SHAPE COUNT ROOT [prepare: only writes the configs]
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { configsOf, inputsOf, namespacesOf, pipelineOf, tasksOf, valueOf, widthOf } from './graph.mjs'
import { figures } from './figures.mjs'

const [shape, given, root, prepare] = process.argv.slice(2)

const readConfig = (name) =>
  Object.fromEntries(
    readFileSync(`${root}/${name}`, 'utf8')
      .split('\n')
      .filter((line) => /^\w/.test(line))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  )

const readValue = (node, path) => (node.value ??= JSON.parse(readFileSync(path(node), 'utf8')))

const write = (path, text) => {
  writeFileSync(`${path}.tmp`, text)
  renameSync(`${path}.tmp`, path)
}

const declared = () => {
  const count = tasksOf(shape, Number(given))
  const width = widthOf(count)
  const tasks = []
  for (let index = 0; index < count; index++) {
    const inputs = Object.fromEntries(inputsOf(index, width).map((input, arm) => [`input${arm}`, tasks[input]]))
    const [amount, label] = [`amount_${index}`, `label_${index}`]
    const run = (args) =>
      valueOf(
        Object.keys(inputs).map((name) => args[name]),
        args[amount],
        args[label],
      )
    tasks.push({ index, name: `${pipelineOf(index)}/task${index}`, inputs, params: [amount, label], run })
  }
  return tasks
}

const run = () => {
  const tasks = declared()
  readFileSync(`${root}/main.yaml`)
  let [computed, cached] = [0, 0]
  for (const namespace of namespacesOf(shape, Number(given))) {
    const values = readConfig(namespace === '' ? 'main.yaml' : `part_${namespace}.yaml`)
    const nodes = []
    for (const task of tasks) {
      const { name } = task
      const [amount, label] = task.params
      const params = { [amount]: Number(values[amount]), [label]: values[label] }
      const inputs = Object.fromEntries(Object.entries(task.inputs).map(([role, { index }]) => [role, nodes[index]]))
      const keys = Object.fromEntries(Object.entries(inputs).map(([role, { key }]) => [role, key]))
      const image = JSON.stringify({ name, params, inputs: keys })
      const key = createHash('sha256').update(image).digest('hex').slice(0, 32)
      nodes.push({ task, key, image, inputs, params, value: undefined })
    }
    const path = ({ task, key }) => `${root}/bare/${task.name}/${key}.json`
    for (const node of nodes) {
      if (statSync(path(node), { throwIfNoEntry: false }) !== undefined) {
        cached++
        continue
      }
      const values = Object.fromEntries(Object.entries(node.inputs).map(([role, one]) => [role, readValue(one, path)]))
      const started = Date.now()
      node.value = node.task.run({ ...node.params, ...values })
      mkdirSync(`${root}/bare/${node.task.name}`, { recursive: true })
      const said = { image: node.image, started, ended: Date.now(), versions: process.versions.node }
      write(`${root}/bare/${node.task.name}/${node.key}.run_info.json`, JSON.stringify(said))
      write(path(node), JSON.stringify(node.value))
      computed++
    }
  }
  figures({ computed, cached, failed: 0, opened: 0 })
}

if (prepare === undefined) run()
else {
  mkdirSync(root, { recursive: true })
  for (const [name, text] of Object.entries(configsOf(shape, Number(given)))) writeFileSync(`${root}/${name}`, text)
}
