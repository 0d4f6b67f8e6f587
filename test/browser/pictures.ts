// npm run pictures: the pictures of docs/ui.md, anew. Whoever changes how the page looks looks at them.
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { remove, root } from '../cli/fixture.js'
import { startUi } from '../ui/ui-process.js'
import { graphIn, type Opened, openUi, startBrowser } from './browser.js'
import { moviesFolder, runIn } from './movies.js'
import { checkWords } from '../../scripts/usage.js'

checkWords(import.meta.filename)

const linear = 'configs/rating_model/all_features/linear_regression.yaml'
const nearest = 'configs/rating_model/basic_features/knn.yaml'

const widths = { wide: [1280, 800], tablet: [820, 1000], phone: [390, 780] } as const
type Width = keyof typeof widths

interface Picture {
  readonly name: string
  readonly width: Width
  readonly dark: boolean
  readonly show: (opened: Opened) => Promise<unknown>
}

const value =
  (node: string, then: (opened: Opened) => Promise<unknown> = async () => undefined) =>
  async (opened: Opened): Promise<unknown> => {
    await opened.view('graph', { config: linear, node, tab: 'value' })
    await opened.page.locator('[data-testid=preview][aria-busy=false]').waitFor()
    return then(opened)
  }

const graph = async ({ view, page }: Opened): Promise<unknown> => {
  await view('graph', { config: linear })
  return graphIn(page, 26)
}

const compared = async ({ view, page }: Opened): Promise<unknown> => {
  await view('compare', { config: linear, before: nearest, after: linear })
  return page.locator('[data-testid=graph][data-ready=yes]').nth(1).waitFor()
}

const metrics =
  (as: 'table' | 'parallel') =>
  async ({ view, page }: Opened): Promise<unknown> => {
    await view('sweep', { config: linear })
    await page.getByTestId(`as-${as}`).click()
    return as === 'table' ? page.getByText('fromYear').waitFor() : page.locator('[data-testid=plot] canvas').waitFor()
  }

const table = value('rating_model:predictions', async ({ page }) => {
  const wider = page.getByRole('button', { name: 'Wide' })
  if (await wider.isVisible()) await wider.click()
  await page.getByTestId('summary').check()
  return page.locator('.histogram').nth(2).waitFor()
})

const pictures: readonly Picture[] = [
  ...[true, false].flatMap((dark): readonly Picture[] => [
    { name: 'figure', width: 'wide', dark, show: value('movies:year_figure') },
    { name: 'array', width: 'tablet', dark, show: value('features:all_features') },
    { name: 'graph', width: 'phone', dark, show: graph },
  ]),
  { name: 'table', width: 'wide', dark: true, show: table },
  { name: 'table', width: 'phone', dark: false, show: table },
  { name: 'compare', width: 'wide', dark: false, show: compared },
  { name: 'compare', width: 'tablet', dark: true, show: compared },
  { name: 'sweep', width: 'wide', dark: false, show: metrics('table') },
  { name: 'parallel', width: 'tablet', dark: false, show: metrics('parallel') },
  {
    name: 'history',
    width: 'wide',
    dark: true,
    show: async ({ view, page }) => {
      await view('history', { config: linear })
      return page.locator('[data-testid=plot] canvas').waitFor()
    },
  },
]

const folder = moviesFolder()
for (const words of [[linear, '--set', 'seed=2'], [linear], [nearest]]) await runIn(folder, ...words)
const [browser, ui] = await Promise.all([startBrowser(), startUi(folder)])
try {
  mkdirSync(join(root, 'docs/images'), { recursive: true })
  for (const { name, width, dark, show } of pictures) {
    const [wide, high] = widths[width]
    const opened = await openUi(browser, ui, {
      viewport: { width: wide, height: high },
      colorScheme: dark ? 'dark' : 'light',
    })
    await show(opened)
    await opened.page.waitForTimeout(500) // a plot or a graph comes to rest
    await opened.page.screenshot({
      path: join(root, `docs/images/ui-${name}-${width}-${dark ? 'dark' : 'light'}.png`),
    })
    await opened.close()
  }
} finally {
  await browser.close()
  ui.kill()
  await ui.ended
  remove(dirname(folder))
}
