import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
import { inputsOf, nodes, pause } from './layers.mjs'

const tasks = []
for (let node = 0; node < nodes; node++)
  tasks.push(
    defineTask({
      name: `n${node}`,
      params: { round: t.number },
      inputs: Object.fromEntries(inputsOf(node).map((input) => [`i${input}`, tasks[input]])),
      data: t.number,
    }).run(async (read) => {
      await pause()
      const { round: _, ...values } = read
      return Object.values(values).reduce((sum, one) => sum + one, 1) % 1_000_003
    }),
  )

export default defineProject({
  root: import.meta.dirname,
  pipelines: { p: Object.fromEntries(tasks.map((task, node) => [`n${node}`, task])) },
})
