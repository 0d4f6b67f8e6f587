// The example on movies in a real browser: its chain, its values, its configs side by side, a sweep, a run.
import { dirname } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { remove } from '../cli/fixture.js'
import { startUi, type UiProcess } from '../ui/ui-process.js'
import { graphIn, hasBrowser, type Opened, openUi, pixelsOf, startBrowser, widthOf } from './browser.js'
import { moviesFolder, runIn } from './movies.js'

const linear = 'configs/rating_model/all_features/linear_regression.yaml'
const nearest = 'configs/rating_model/all_features/knn.yaml'

describe.skipIf(!hasBrowser)('the page of the example on movies', () => {
  let browser: Browser
  let folder: string
  let ui: UiProcess
  let opened: Opened
  beforeAll(async () => {
    builtOnce()
    folder = moviesFolder()
    ;[browser] = await Promise.all([startBrowser(), runIn(folder, linear)])
    ui = await startUi(folder)
  })
  afterAll(async () => {
    await browser?.close()
    ui?.kill()
    await ui?.ended
    remove(dirname(folder))
  })
  beforeEach(async () => {
    opened = await openUi(browser, ui)
  })
  afterEach(async () => {
    expect(opened.troubles).toEqual([])
    await opened.close()
  })
  const seen = (testId: string) => opened.page.getByTestId(testId)
  const says = (testId: string, text: string | RegExp) => seen(testId).filter({ hasText: text }).first().waitFor()
  const value = async (node: string, kind: string) => {
    await opened.view('graph', { config: linear, node, tab: 'value' })
    const preview = opened.page.locator(`[data-testid=preview][data-kind="${kind}"][aria-busy=false]`)
    await preview.waitFor()
    return preview
  }
  const named = (name: string) => opened.page.getByRole('button', { name, exact: true })

  test('is its chain of 26 tasks in three groups, which close and open', async () => {
    await opened.view('graph', { config: linear })
    await graphIn(opened.page, 26)
    await says('legend', '20 cached')
    await says('legend', '6 in memory')
    await seen('close-all').click()
    await graphIn(opened.page, 3)
    await seen('open-all').click()
    await graphIn(opened.page, 26)
    await seen('groups').locator('summary').click()
    await opened.page.getByLabel('movies').uncheck()
    await graphIn(opened.page, 15)
    await opened.page.getByLabel('movies').check()
    await opened.page.keyboard.press('Escape')
    await opened.view('graph', { config: linear, node: 'rating_model:test_metrics' })
    await seen('neighbours').selectOption('one')
    await graphIn(opened.page, 2)
    await seen('neighbours').selectOption('inputs')
    await graphIn(opened.page, 24) // all but the figure and what it shows
    await opened.view('graph', { config: linear, node: 'rating_model:train_model' })
    await says('params', 'configs/rating_model/all_features/linear_regression.yaml:7')
  })

  test('has a table of predictions: in pages, with figures and histograms of its columns', async () => {
    const preview = await value('rating_model:predictions', 'table')
    await preview.getByText('1–100 of 527 rows').waitFor()
    const first = await preview.locator('tbody tr').first().innerText()
    await named('Next rows').click()
    await preview.getByText('101–200 of 527 rows').waitFor()
    expect(await preview.locator('tbody tr').first().innerText()).not.toBe(first)
    await seen('summary').check()
    await preview
      .getByText(/^mean \d/)
      .first()
      .waitFor()
    expect(await preview.locator('.histogram').count()).toBe(3)
    expect(await preview.locator('.histogram').first().locator('rect').count()).toBeGreaterThan(5)
  })

  test('has an array of features: its shape, figures, and a picture of it', async () => {
    const preview = await value('features:all_features', 'array')
    await preview.getByText('2637 × 124').waitFor()
    for (const word of ['min', 'median', 'mean', 'max']) await preview.getByText(word, { exact: true }).waitFor()
    const { colours } = await pixelsOf(preview.getByRole('img', { name: /^Heat map of 2637 by 124/ }))
    expect(colours).toBeGreaterThan(10)
  })

  test('has a figure, a tree of metrics, lines, and a folder with texts', async () => {
    await value('movies:year_figure', 'figure')
    await expect.poll(() => widthOf(seen('figure'))).toBeGreaterThan(50)
    await (await value('rating_model:test_metrics', 'tree')).getByText('RMSE').waitFor()
    const lines = await value('features:selected_directors', 'lines')
    expect(await lines.locator('.lines > li').count()).toBeGreaterThan(20)
    await (await value('rating_model:train_model', 'folder')).getByText('2 files').waitFor()
    await named('learnt.json').click()
    await opened.page.getByText('"weights"').waitFor()
    await (await value('rating_model:test_x', 'in memory'))
      .getByRole('heading', { name: 'Kept in memory only' })
      .waitFor()
  })

  test('runs another model, live, after which the two are held against each other', async () => {
    await opened.view('graph', { config: nearest })
    await graphIn(opened.page, 26)
    await says('legend', '3 to run')
    await seen('run').click()
    await says('action-dialog', 'train_model')
    await seen('confirm').click()
    await says('run-state', /running|done/)
    await says('run-state', /^done/)
    await says('legend', '20 cached')
    await opened.view('compare', { before: linear, after: nearest })
    await says('compared', '26 tasks')
    await says('compared-params', 'NearestNeighbours')
    await opened.page.getByRole('row', { name: /RMSE 1\.117\d* 1\.131\d*/ }).waitFor()
    await seen('graph').nth(1).waitFor()
  })

  test('shows metrics of all its configs: a table, parallel coordinates, a scatter plot', async () => {
    await opened.view('sweep', { config: linear })
    await says('metrics', 'fromYear')
    await says('metrics', 'rating_model/all_features/knn.yaml')
    for (const way of ['parallel', 'scatter']) {
      await seen(`as-${way}`).click()
      const plot = seen('plot').locator('canvas')
      await plot.waitFor()
      await expect.poll(async () => (await pixelsOf(plot)).drawn).toBeGreaterThan(2000)
    }
    await seen('axis-up').selectOption({ label: 'rating_model:test_metrics.RMSE' })
    await opened.page.getByRole('img', { name: /RMSE over fromYear/ }).waitFor()
  })

  test('lists its runs, one in full, and its metrics over time', async () => {
    await opened.view('history', { config: linear })
    await seen('runs').getByRole('link').or(seen('runs').getByRole('button')).first().click()
    await says('run', '26 computed')
    await opened.page.getByRole('row', { name: /RMSE 1\.117/ }).waitFor()
    await seen('plot').locator('canvas').waitFor()
  })
})
