// A task that opens its project's chain in a thread or process, where the run that computes it is elsewhere.
import { afterEach, beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, taskchain, write } from '../cli/fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

const project = (): string => {
  const folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
  folders.push(folder)
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js':
      "import { defineProject } from 'taskchain'\nimport * as nodes from './nodes.js'\n" +
      'export default defineProject({ pipelines: { nodes } })\n',
    'nodes.js': `
import * as t from 'io-ts'
import { defineTask, openChain } from 'taskchain'

const root = import.meta.dirname
export const source = defineTask({ data: t.number }).run(() => 1)
export const asker = defineTask({ inputs: { source }, data: t.number }).run(async () => {
  const { default: project } = await import('./taskchain.config.js')
  const options = { config: 'configs/all.yaml', root, store: root + '/store', logLevel: 'silent' }
  const chain = await openChain(project, options)
  try {
    return await chain.value('dependent')
  } finally {
    await chain.close()
  }
})
export const dependent = defineTask({ inputs: { asker }, data: t.number }).run(({ asker }) => asker + 1)
`,
    'configs/all.yaml': 'tasks: nodes.*\n',
  })
  return folder
}

it.each(['workers', 'processes'])(
  'a cycle over its own chain is named with --executor %s as it is here',
  async (executor) => {
    const { code, out } = await taskchain(project(), [
      'run',
      'all',
      '--store',
      'store',
      '--executor',
      executor,
      '--json',
    ])
    const report = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
    expect([code, JSON.stringify(report.failed)]).toEqual([
      1,
      expect.stringContaining('nodes:asker → nodes:dependent → nodes:asker'),
    ])
  },
)
