// A bare engine over the graph of `graph.mjs`, the least that a run can cost in Node: it reads the configs, makes a
// key for each node, looks at one file a node, and computes, writes and renames those that are missing.
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

const run = () => {
  const tasks = tasksOf(shape, Number(given))
  const width = widthOf(tasks)
  readFileSync(`${root}/main.yaml`)
  let [computed, cached] = [0, 0]
  for (const namespace of namespacesOf(shape, Number(given))) {
    const values = readConfig(namespace === '' ? 'main.yaml' : `part_${namespace}.yaml`)
    const nodes = []
    for (let index = 0; index < tasks; index++) {
      const inputs = inputsOf(index, width).map((input) => nodes[input])
      const [amount, label] = [Number(values[`amount_${index}`]), values[`label_${index}`]]
      const name = `${pipelineOf(index)}/task${index}`
      const image = JSON.stringify({ name, amount, label, inputs: inputs.map(({ key }) => key) })
      const key = createHash('sha256').update(image).digest('hex').slice(0, 32)
      nodes.push({ name, key, image, inputs, amount, label, value: undefined })
    }
    const path = ({ name, key }) => `${root}/bare/${name}/${key}.json`
    for (const node of nodes) {
      if (statSync(path(node), { throwIfNoEntry: false }) !== undefined) {
        cached++
        continue
      }
      node.value = valueOf(
        node.inputs.map((input) => readValue(input, path)),
        node.amount,
        node.label,
      )
      mkdirSync(`${root}/bare/${node.name}`, { recursive: true })
      writeFileSync(`${path(node)}.tmp`, JSON.stringify(node.value))
      renameSync(`${path(node)}.tmp`, path(node))
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
