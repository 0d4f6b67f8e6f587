// The page in a real browser: what a user sees and does, and what a hostile project cannot.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actionAddress } from '../../src/ui/addresses.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, start, taskchain, write } from '../cli/fixture.js'
import { startUi, type UiProcess } from '../ui/ui-process.js'
import {
  graphIn,
  hasBrowser,
  openAt,
  type Opened,
  openUi,
  previewAddress,
  seriousIn,
  startBrowser,
  widthOf,
} from './browser.js'
import { bestOf, cpuOf, isBusy, tasksDuring } from './measure.js'
import { files, hostile, hostileConfig } from './project.js'

const films = 'configs/films.yaml'
const fewer = 'configs/fewer.yaml'

describe.skipIf(!hasBrowser)('the page of taskchain ui', () => {
  let browser: Browser
  let folder: string
  let ui: UiProcess
  let opened: Opened
  beforeAll(async () => {
    builtOnce()
    folder = emptyFolder()
    write(folder, files)
    browser = await startBrowser()
    for (const config of [films, fewer, hostileConfig])
      expect(await taskchain(folder, ['run', config])).toMatchObject({ code: 0 })
    ui = await startUi(folder)
  })
  afterAll(async () => {
    await browser?.close()
    ui?.kill()
    await ui?.ended
    remove(folder)
  })
  beforeEach(async () => {
    opened = await openUi(browser, ui)
  })
  afterEach(async () => {
    expect(await opened.page.evaluate('window.hacked')).toBeUndefined()
    expect(opened.troubles).toEqual([])
    await opened.close()
  })
  const seen = (testId: string) => opened.page.getByTestId(testId)
  const says = (testId: string, text: string | RegExp) => seen(testId).filter({ hasText: text }).first().waitFor()
  const graphOf = (items?: number) => graphIn(opened.page, items)

  test('opens with the token of its address, which then is in it no more, and shows the graph', async () => {
    await opened.view('graph', { config: films })
    await graphOf(5)
    expect(opened.page.url()).not.toContain(ui.token)
    await opened.page.reload()
    await graphOf(5)
  })

  test('goes on where the address of the server that took the place of a stopped one is opened in the same tab', async () => {
    const first = await startUi(folder)
    const other = await openUi(browser, first)
    await graphIn(other.page)
    first.kill()
    await first.ended
    const second = await startUi(folder, '--port', String(first.port))
    await other.page.getByText('The server has stopped').waitFor()
    await other.page.goto(`http://127.0.0.1:${second.port}/#token=${second.token}`)
    await other.page.getByText('The server has stopped').waitFor({ state: 'detached' })
    await graphIn(other.page)
    expect(other.page.url()).not.toContain(second.token)
    await other.close()
    second.kill()
    await second.ended
  })

  test('lets nobody in without the token, by another name, from another site, or to another file', async () => {
    const other = await openAt(browser, `http://127.0.0.1:${ui.port}/#token=wrong`)
    await other.page.getByText('This page needs its token').waitFor()
    await other.close()
    const headers = { authorization: `Bearer ${ui.token}` }
    const project = '/api/project'
    expect((await ui.send(project, { headers: { ...headers, host: `evil.example:${ui.port}` } })).status).toBe(403)
    const foreign = { ...headers, origin: 'http://evil.example', 'content-type': 'application/json' }
    expect((await ui.send(actionAddress('start'), { method: 'POST', headers: foreign, body: '{}' })).status).toBe(403)
    const path = `/api/file?config=${encodeURIComponent(hostileConfig)}&node=values:files&path=`
    const statusOf = (address: string) => opened.page.evaluate(async (to) => (await fetch(to)).status, address)
    await graphOf()
    expect(await statusOf(previewAddress(films, 'films:all'))).toBe(200)
    for (const outside of ['../../../../package.json', '/etc/passwd'])
      expect(await statusOf(path + encodeURIComponent(outside)), outside).toBeGreaterThanOrEqual(400)
  })

  test('finds a task, and opens it by the keyboard alone', async () => {
    await opened.view('graph', { config: films })
    await graphOf(5)
    await opened.page.keyboard.press('/')
    await opened.page.keyboard.type('summ')
    await opened.page.keyboard.press('Enter')
    await says('panel', 'films:summary')
    await says('inputs', 'index')
    await opened.page.locator('#tab-why').click()
    await says('why', /\S/)
  })

  test('shows a value of each kind, scripts in it as text', async () => {
    const kinds = {
      rows: 'table',
      tree: 'tree',
      lines: 'lines',
      page: 'text',
      grid: 'array',
      picture: 'figure',
      files: 'folder',
    }
    for (const [name, kind] of Object.entries(kinds)) {
      await opened.view('graph', { config: hostileConfig, node: `values:${name}`, tab: 'value' })
      const preview = opened.page.locator(`[data-testid=preview][data-kind=${kind}]`)
      await preview.waitFor()
      if (['rows', 'tree', 'lines', 'page'].includes(name)) await preview.getByText(hostile).first().waitFor()
      if (name === 'picture') await seen('figure').waitFor()
      if (name === 'files') await preview.getByText('<img src=x onerror=hacked=1>.txt').first().waitFor()
    }
  })

  test('shows a text and a picture of a folder, and results of items with what they have cost', async () => {
    await opened.view('graph', { config: hostileConfig, node: 'values:files', tab: 'value' })
    const file = (name: string) => seen('preview').getByRole('button', { name, exact: true })
    await file('<img src=x onerror=hacked=1>.txt').click()
    await seen('preview').locator('pre').filter({ hasText: hostile }).waitFor()
    await file('dot.png').click()
    await expect.poll(() => widthOf(seen('preview').getByAltText('dot.png'))).toBe(1)
    await opened.view('graph', { config: hostileConfig, node: 'values:answers', tab: 'items' })
    await says('preview', 'dollars 30')
    await says('preview', '1–50 of 60 items')
    await says('preview', hostile)
    await opened.page.getByRole('button', { name: 'Next items' }).click()
    await says('preview', 'answer to question 59')
    await opened.page.locator('#tab-value').click()
    await seen('preview').and(opened.page.locator('[data-kind=tree]')).waitFor()
  })

  test('says it in words where a value is damaged, and shows it again when it is whole', async () => {
    const dataOf = (name: string, ending: string): string => {
      const place = join(folder, 'data/tasks/values', name)
      return join(place, readdirSync(place).find((file) => file.endsWith(ending)) ?? '')
    }
    const damaged = { [dataOf('picture', '.svg')]: '<svg', [dataOf('rows', '.parquet')]: 'PAR1 and no more' }
    const whole = Object.keys(damaged).map((file) => [file, readFileSync(file)] as const)
    for (const [file, text] of Object.entries(damaged)) writeFileSync(file, text)
    await opened.view('graph', { config: hostileConfig, node: 'values:rows', tab: 'value' })
    await opened.page.getByRole('heading', { name: 'Its data is damaged' }).waitFor()
    await opened.view('graph', { config: hostileConfig, node: 'values:picture', tab: 'value' })
    await opened.page
      .getByText(/picture cannot be shown|data is damaged/)
      .first()
      .waitFor()
    for (const [file, bytes] of whole) writeFileSync(file, bytes)
    await opened.page.reload()
    await expect.poll(() => widthOf(seen('figure'))).toBe(20)
  })

  test('shows names, params, logs and notes that would be scripts as text, in every view', async () => {
    const title = hostileConfig.slice('configs/'.length, -'.yaml'.length)
    await opened.view('graph', { config: hostileConfig, node: 'values:page', as: 'list' })
    await says('node-list', 'page')
    await says('params', hostile)
    await opened.page.locator('#tab-log').click()
    await says('log', hostile)
    await opened.view('history', { config: hostileConfig })
    await says('runs', title)
    await opened.view('configs', { config: hostileConfig })
    await says('configs', title)
    await opened.view('sweep', { config: hostileConfig })
    await says('metrics', title)
    await opened.view('compare', { before: hostileConfig, after: films })
    await says('compared', /\S/)
    expect(await opened.page.locator('img[src=x], main script').count()).toBe(0)
  })

  test('follows a run of another terminal from its start to its end', async () => {
    await opened.view('graph', { config: 'configs/slow.yaml' })
    await graphOf(2)
    const run = start(process.execPath, [command, 'run', 'slow'], folder)
    await says('run-state', 'running elsewhere: 0 of 2')
    await says('legend', 'running')
    run.kill('SIGINT')
    await run.ended
    await says('run-state', 'was stopped')
  })

  test('leaves room for another page: one that nobody sees follows nothing until it is seen again', async () => {
    const show = (page: Page, isShown: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${!isShown} })
        document.dispatchEvent(new Event('visibilitychange'))`)
    await opened.view('history', { config: fewer })
    const rows = seen('runs').locator('tbody tr')
    await rows.first().waitFor()
    const before = await rows.count()
    let latest = opened.page
    for (let others = 0; others < 6; others++) {
      await show(latest, false)
      latest = await latest.context().newPage()
      await latest.goto(`http://127.0.0.1:${ui.port}/`)
      await latest.getByTestId('config').waitFor()
    }
    expect(await taskchain(folder, ['run', fewer])).toMatchObject({ code: 0 })
    await show(latest, false)
    await show(opened.page, true)
    await rows.nth(before).waitFor()
  })

  test('asks once, says what will be, and forces a task', async () => {
    await opened.view('graph', { config: fewer, node: 'films:filtered' })
    await seen('force-node').click()
    await says('action-dialog', 'filtered')
    await seen('confirm').click()
    await seen('action-dialog').waitFor({ state: 'detached' })
    await opened.page.locator('#tab-why').click()
    await says('why', 'force')
    await seen('run').click()
    await says('action-dialog', 'filtered')
    await seen('confirm').click()
    await says('run-state', /^done/)
    expect(await taskchain(folder, ['plan', fewer])).toMatchObject({ code: 0 })
  })

  test('holds two configs against each other', async () => {
    await opened.view('compare', { config: films })
    await seen('before').selectOption(fewer)
    await says('compared', /\d/)
    await seen('as-table').click()
    await says('compared-params', 'howMany')
  })

  test('shows a sweep as a table, and the history with one run in full', async () => {
    await opened.view('sweep', { config: films, of: 'config' })
    await seen('sets').fill('how_many=6,12\nmin_votes=100,200')
    await opened.page.getByRole('button', { name: 'Show', exact: true }).click()
    await says('metrics', 'min_votes')
    await opened.view('history', { config: films })
    await says('runs', 'run')
    await seen('runs').getByRole('link').or(seen('runs').getByRole('button')).first().click()
    await says('run', 'computed')
  })

  test('of 1,000 tasks appears within a second, and is searched', async () => {
    const milliseconds = await bestOf(5, 1000, async () => {
      await opened.page.goto('about:blank')
      const server = cpuOf(ui.pid)
      const tasks = await tasksDuring(browser, opened.page, async () => {
        await opened.page.goto(`http://127.0.0.1:${ui.port}/#/graph?config=configs/many.yaml`)
        await says('legend', /1.?000/)
        await graphOf()
      })
      const painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
      const paint = await opened.page.evaluate<number>(painted)
      const cpu = tasks.reduce((sum, task) => sum + task, cpuOf(ui.pid) - server)
      console.info(`1,000 tasks: first paint after ${paint.toFixed(0)} ms, all there after ${cpu.toFixed(0)} ms of CPU`)
      return isBusy() ? cpu : Math.max(paint, cpu)
    })
    expect(milliseconds).toBeLessThan(1000)
    await seen('search').fill('step_777')
    await opened.page.locator('#search-results').getByRole('option').first().click()
    await says('panel', 'many:step_777')
  })

  test('of 1,000 tasks follows the hand: no frame takes 50 ms', async () => {
    await opened.view('graph', { config: 'configs/many.yaml' })
    await says('legend', /1.?000/)
    await graphOf(1000)
    const { mouse } = opened.page
    const longest = await bestOf(3, 50, async () => {
      const tasks = await tasksDuring(browser, opened.page, async () => {
        await mouse.move(600, 400)
        await mouse.down()
        for (let step = 0; step < 60; step++) await mouse.move(600 + 4 * step, 400 + 120 * Math.sin(step / 5))
        await mouse.up()
        await opened.page.mouse.wheel(0, 300)
      })
      return tasks.reduce((most, task) => Math.max(most, task), 0)
    })
    console.info(`1,000 tasks: the longest frame of a drag took ${longest.toFixed(0)} ms of CPU`)
    expect(longest).toBeLessThan(50)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [400, 1600])
      test(`has nothing serious for axe: ${colorScheme}, ${width} pixels wide`, async () => {
        await opened.close()
        opened = await openUi(browser, ui, { colorScheme, viewport: { width, height: 900 } })
        const found = async (testId: string) => {
          await seen(testId).first().waitFor()
          expect(await seriousIn(opened.page), testId).toEqual([])
        }
        await opened.view('graph', { config: films })
        await graphOf(5)
        await found('graph')
        await opened.view('graph', { config: films, node: 'films:all', tab: 'value', as: 'list' })
        await found('preview')
        await opened.view('configs', { config: films })
        await found('configs')
        await opened.view('compare', { before: fewer, after: films })
        await found('compared')
        await opened.view('sweep', { config: films })
        await found('metrics')
        await opened.view('history', { config: films })
        await found('runs')
      })

  test('a report is opened without a server', async () => {
    expect(await taskchain(folder, ['report', films, '-o', 'films.html'])).toMatchObject({ code: 0 })
    await opened.close()
    opened = await openAt(browser, pathToFileURL(join(folder, 'films.html')).href, { offline: true })
    await graphOf(5)
    await opened.view('graph', { node: 'films:all', tab: 'value' })
    await says('preview', 'Film 0')
    expect((await seen('run').count()) + (await seen('force-node').count())).toBe(0)
  })

  test('says it when the store goes, and shows it again when it is back', async () => {
    await opened.view('graph', { config: films, node: 'films:all', tab: 'value' })
    await says('preview', 'Film 0')
    renameSync(join(folder, 'data'), join(folder, '.away')) // hidden: nothing but the store changes
    await says('panel', 'to run')
    await graphOf(5)
    await opened.page.getByRole('heading', { name: 'Not computed yet' }).waitFor()
    renameSync(join(folder, '.away'), join(folder, 'data'))
    await says('panel', 'cached')
    await says('preview', 'Film 0')
  })
})
