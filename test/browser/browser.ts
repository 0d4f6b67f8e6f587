// Debian's Chromium, and a page of `taskchain ui` in it.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { addressOf } from '../../src/ui/addresses.js'
import type { UiProcess } from '../ui/ui-process.js'

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const missing = `${executable} is missing: apt-get install --no-install-recommends chromium`

/** Whether the suite can run; it has to where REQUIRE_ALL is set. */
export const hasBrowser = existsSync(executable)
if (!hasBrowser && process.env['REQUIRE_ALL'] === '1') throw new Error(missing)
if (!hasBrowser) console.warn(`tests in a browser are left out: ${missing}`)

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] })

export interface Opened {
  readonly page: Page
  /** What no page of ours has: errors, dialogs, refused scripts. */
  readonly troubles: readonly string[]
  /** Goes to a view: `#/graph?config=…`. */
  view(name: string, words?: Readonly<Record<string, string>>): Promise<unknown>
  close(): Promise<void>
}

/** A page at an address, which is what a user has opened. */
export const openAt = async (
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Opened> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(Number(process.env['UI_WAIT_MS'] ?? 60_000))
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (said) => {
    if (said.text().includes('Content Security Policy')) troubles.push(said.text())
  })
  await page.goto(address)
  return {
    page,
    troubles,
    view: (name, words = {}) => {
      const hash = `#/${name}?${new URLSearchParams(words).toString()}`
      return page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`)
    },
    close: () => context.close(),
  }
}

export const openUi = (browser: Browser, ui: UiProcess, options?: BrowserContextOptions): Promise<Opened> =>
  openAt(browser, `http://127.0.0.1:${ui.port}/#token=${ui.token}`, options)

/** Waits for the graph to be there, of so many boxes and tasks. */
export const graphIn = (page: Page, items?: number): Promise<void> =>
  page.locator(`[data-testid=graph][data-ready=yes]${items === undefined ? '' : `[data-items="${items}"]`}`).waitFor()

/** Of a canvas: how many pixels are drawn, and in how many colours. */
export const pixelsOf = (canvas: Locator): Promise<{ readonly drawn: number; readonly colours: number }> =>
  canvas.evaluate((element: Canvas) => {
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height)
    const pixels = new Uint32Array(data.buffer)
    return { drawn: pixels.filter((pixel) => pixel >>> 24 > 0).length, colours: new Set(pixels).size }
  })

/** How wide a picture is by itself: 0 until it is there. */
export const widthOf = (picture: Locator): Promise<number> =>
  picture.evaluate((image: { readonly naturalWidth: number }) => image.naturalWidth)

/** What is used of the browser's own type, which tests of Node do not have. */
interface Canvas {
  readonly width: number
  readonly height: number
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray<ArrayBuffer> }
  }
}

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds that is serious or critical, in words; the policy of the page allows no script but through the debugger. */
export const seriousIn = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(readFileSync(axeFile, 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeFound> } }
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

interface AxeFound {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** The address of a question, for requests from inside of the page. */
export const previewAddress = (config: string, node: string): string => addressOf('preview', { config, node })
