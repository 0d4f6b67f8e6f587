/**
 * The graph of the whole-process benchmarks, in JavaScript so that plain `node` can run it: the library and the bare
 * engine build the same graph.
 *
 * `layered`: tasks in layers as wide as they are deep, each reading three of the previous layer, with its own two
 * params and its own folder. `namespaces`: a hundred of them, in `count / 100` namespaces.
 */

const isFirst = (index, width) => index < width

/** Positions of the tasks that a task reads. */
export const inputsOf = (index, width) =>
  isFirst(index, width)
    ? []
    : [0, 1, 2].map((arm) => Math.floor(index / width) * width - width + ((index + arm * 7) % width))

export const tasksOf = (shape, count) => (shape === 'layered' ? count : Math.min(100, count))
export const widthOf = (tasks) => Math.max(1, Math.round(Math.sqrt(tasks)))
export const namespacesOf = (shape, count) =>
  shape === 'layered' ? [''] : Array.from({ length: Math.max(1, Math.round(count / 100)) }, (_, index) => `n${index}`)

/** Task `index` is `pipelineOf(index):task<index>`; ten pipelines. */
export const pipelineOf = (index) => `group${index % 10}`

/** The value a task computes. */
export const valueOf = (inputs, amount, label) =>
  inputs.reduce((sum, value) => sum + value, amount + label.length) % 1000

const configText = (tasks, first) =>
  `tasks: '**'\n${Array.from({ length: tasks }, (_, index) => `amount_${index}: ${first + index}\nlabel_${index}: label ${index}\n`).join('')}`

/** Texts of the configs by name; `main.yaml` is the planned one. */
export const configsOf = (shape, count) => {
  const tasks = tasksOf(shape, count)
  if (shape === 'layered') return { 'main.yaml': configText(tasks, 0) }
  const namespaces = namespacesOf(shape, count)
  return {
    'main.yaml': `tasks: []\nuses:\n${namespaces.map((name) => `  - part_${name}.yaml as ${name}\n`).join('')}`,
    ...Object.fromEntries(namespaces.map((name, index) => [`part_${name}.yaml`, configText(tasks, index * tasks)])),
  }
}
