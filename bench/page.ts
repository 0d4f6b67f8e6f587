// The page of `taskchain ui` in Chromium: time until a graph is shown, and the longest frame of a drag. CPU time if
// available, so that other load on the machine does not count.
import type { Browser } from 'playwright-core'
import { graphIn, hasBrowser, openUi, startBrowser } from '../test/browser/browser.js'
import { cpuOf, tasksDuring } from '../test/browser/measure.js'
import { emptyFolder, remove, write } from '../test/cli/fixture.js'
import { startUi, type UiProcess } from '../test/ui/ui-process.js'
import type { Row } from './table.js'

interface Graph {
  readonly name: string
  readonly what: string
  readonly nodes: number
  readonly inputs: number
}

const graphs: readonly Graph[] = [
  { name: 'many', what: '1,000 tasks, 2,000 edges', nodes: 1000, inputs: 2 },
  { name: 'dense', what: '2,000 tasks, 30,000 edges', nodes: 2000, inputs: 15 },
  { name: 'huge', what: '10,000 tasks, 30,000 edges', nodes: 10_000, inputs: 3 },
]

const declared = ({ name, nodes, inputs }: Graph): string => `
const ${name} = {}
for (let index = 0; index < ${nodes}; index++)
  ${name}['step_' + index] = defineTask({ data: t.number, inputs: Object.fromEntries(
    Array.from({ length: index === 0 ? 0 : ${inputs} }, (_, input) => ['input_' + input, ${name}['step_' + random(index)]]),
  ) }).run(() => index)
`

const filesOf = (chosen: readonly Graph[]): Readonly<Record<string, string>> => ({
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
let seed = 1
const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
${chosen.map(declared).join('')}
export default defineProject({ pipelines: { ${chosen.map(({ name }) => name).join(', ')} } })
`,
  ...Object.fromEntries(chosen.map(({ name }) => [`configs/${name}.yaml`, `tasks: ${name}.*\n`])),
})

interface Figures {
  readonly paint: number
  readonly cpu: number
  readonly frame: number
}

const measured = async (browser: Browser, ui: UiProcess, { name, nodes }: Graph): Promise<Figures> => {
  const { page, close } = await openUi(browser, ui)
  await page.getByTestId('config').waitFor()
  await page.goto('about:blank')
  const server = cpuOf(ui.pid)
  const appearing = await tasksDuring(browser, page, async () => {
    await page.goto(`http://127.0.0.1:${ui.port}/#/graph?config=configs/${name}.yaml`)
    await graphIn(page)
  })
  const cpu = appearing.reduce((sum, task) => sum + task, cpuOf(ui.pid) - server)
  const paint = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
  await graphIn(page, nodes)
  await page.mouse.move(600, 400)
  await page.mouse.down()
  await page.mouse.move(610, 410, { steps: 5 }) // the first frames show how long one takes
  const drag = await tasksDuring(browser, page, async () => {
    for (let step = 0; step < 60; step++) await page.mouse.move(600 + 4 * step, 400 + 120 * Math.sin(step / 5))
    await page.mouse.up()
    await page.waitForTimeout(600) // it is redrawn when it comes to rest
  })
  await close()
  return { paint, cpu, frame: drag.reduce((most, task) => Math.max(most, task), 0) }
}

export const pageRows = async (quick: boolean): Promise<readonly Row[]> => {
  if (!hasBrowser) return []
  const chosen = quick ? graphs.slice(0, 1) : graphs
  const folder = emptyFolder()
  write(folder, filesOf(chosen))
  const [browser, ui] = await Promise.all([startBrowser(), startUi(folder)])
  try {
    const rows: Row[] = []
    for (const graph of chosen) {
      const rounds: Figures[] = []
      for (let round = 0; round < 3; round++) rounds.push(await measured(browser, ui, graph))
      const best = (field: keyof Figures): number => Math.min(...rounds.map((one) => one[field]))
      const limit = graph.name === 'many' ? 1000 : undefined
      rows.push(
        { what: `${graph.what}: first paint`, value: best('paint'), unit: 'ms', limit },
        { what: `${graph.what}: CPU until the graph is there, server and page`, value: best('cpu'), unit: 'ms', limit },
        { what: `${graph.what}: CPU of the longest frame while dragging`, value: best('frame'), unit: 'ms', limit: 50 },
      )
    }
    return rows
  } finally {
    await browser.close()
    ui.kill()
    await ui.ended
    remove(folder)
  }
}
