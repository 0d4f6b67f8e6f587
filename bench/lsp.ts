// Response times of the editor while a project loads: answers from the one open file. Measured as CPU time of the
// server, so that other load on the machine does not count.
import { at, startClient } from '../test/lsp/client.js'
import { cpuOf } from '../test/browser/measure.js'
import { emptyFolder, remove, write } from '../test/cli/fixture.js'
import type { Row } from './table.js'

/** Limits that `taskchain lsp` promises, in milliseconds. */
const promised = 200

/** A project that never finishes loading, and 500 configs in addition to the open one. */
const files = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': 'await new Promise(() => setInterval(() => {}, 1000))\n',
  ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`configs/other_${index}.yaml`, 'tasks: films.*\n'])),
}

const long = Array.from({ length: 500 }, (_, line) => `param_${line}: ${line}`).join('\n')

/** Milliseconds for each of `count` requests, each after a change of the text. */
const answersIn = async (count: number): Promise<{ readonly first: number; readonly later: readonly number[] }> => {
  const folder = emptyFolder()
  write(folder, files)
  const { open, change, complete, stop, server } = await startClient(folder)
  try {
    const { text, position } = at(`tasks: films.*\nuses: |\n${long}\n`)
    const asked = async (say: typeof open): Promise<number> => {
      const before = cpuOf(server.pid ?? 0)
      say('configs/open.yaml', text)
      await complete('configs/open.yaml', position)
      return cpuOf(server.pid ?? 0) - before
    }
    const first = await asked(open)
    const later = []
    for (let round = 0; round < count; round++) later.push(await asked(change))
    return { first, later }
  } finally {
    await stop()
    remove(folder)
  }
}

/** The best of several processes, since the machine is shared. */
export const lspRows = async (quick: boolean): Promise<readonly Row[]> => {
  const processes = []
  for (let process = 0; process < 3; process++) processes.push(await answersIn(quick ? 20 : 100))
  const best = (figures: readonly number[]): number => Math.min(...figures)
  const row = (what: string, value: number): Row => ({ what, value, unit: 'ms of CPU', limit: promised })
  return [
    row('first completion in a file of 500 lines, while the project loads', best(processes.map(({ first }) => first))),
    row('slowest completion after', best(processes.map(({ later }) => Math.max(...later)))),
  ]
}
