// Small nodes in layers, and tasks that keep a processor busy.
import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
import { inputsOf, nodes } from '../queue/layers.mjs'

const small = []
for (let node = 0; node < nodes; node++)
  small.push(
    defineTask({
      name: `n${node}`,
      params: { round: t.number },
      inputs: Object.fromEntries(inputsOf(node).map((input) => [`i${input}`, small[input]])),
      data: t.number,
    }).run((values) => Object.values(values).reduce((sum, one) => sum + one, 1) % 1_000_003),
  )

/** A short call: V8 runs the first calls of a long one unoptimized, in each thread anew. */
const step = (from) => {
  let sum = from
  for (let at = 0; at < 20_000; at++) sum = (sum * 31 + at) % 1_000_003
  return sum
}
const busy = Array.from({ length: 12 }, (_, task) =>
  defineTask({ name: `b${task}`, params: { round: t.number }, data: t.number }).run(({ round }) => {
    let sum = round + task
    for (let at = 0; at < Number(process.env.STEPS ?? 6000); at++) sum = step(sum)
    return sum
  }),
)

const named = (tasks, letter) => Object.fromEntries(tasks.map((task, at) => [`${letter}${at}`, task]))
export default defineProject({
  root: import.meta.dirname,
  pipelines: { small: named(small, 'n'), busy: named(busy, 'b') },
})
