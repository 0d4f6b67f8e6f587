import { FormatProblem } from '../declare/format.js'
import { fileOfPackage, optional } from './optional-package.js'
import { messageOf } from '../base/thrown.js'

/** Specifications → SVG, SVG → PNG; the same bytes every time. Imported only when a figure is made. */

/** What a figure is written in. */
export type FigureLanguage = 'vega-lite' | 'vega' | 'svg'

/** What makes a figure in a language, or in any of them: packages as npm installs them. */
export const packagesOf = (language: FigureLanguage | undefined, png: boolean): readonly string[] => [
  ...(language === 'svg' ? [] : ['vega@6']),
  ...(language === 'svg' || language === 'vega' ? [] : ['vega-lite@6.4']),
  ...(png ? ['@resvg/resvg-js@2', 'dejavu-fonts-ttf@2'] : []),
]

/** Loads them. Rejects with `FormatProblem`, which says what to install, where one is missing. */
export const loadPackages = async (packages: readonly string[]): Promise<void> => {
  const instead = packages.includes('vega-lite@6.4') ? "SVG text needs no Vega: figure({ language: 'svg' })" : ''
  for (const name of packages)
    await optional('figures', packages, loaders[name] as () => Promise<unknown>, name.startsWith('vega') ? instead : '')
}

const loaders: Readonly<Record<string, () => Promise<unknown>>> = {
  'vega@6': () => import('vega'),
  'vega-lite@6.4': () => import('vega-lite'),
  '@resvg/resvg-js@2': () => import('@resvg/resvg-js'),
  'dejavu-fonts-ttf@2': async () => ownFonts(),
}

/** The SVG of a specification. Throws `FormatProblem` with Vega's reason where it cannot be drawn. */
export const drawnFigure = (
  spec: object,
  language: 'vega' | 'vega-lite',
  packages: readonly string[],
): Promise<string> => {
  // One after the other: Vega's random numbers and ids are shared by all figures of a process.
  const drawn = queue.then(() => draw(spec, language, packages))
  queue = drawn.catch(() => undefined)
  return drawn
}

let queue: Promise<unknown> = Promise.resolve()

const draw = async (spec: object, language: 'vega' | 'vega-lite', packages: readonly string[]): Promise<string> => {
  const vega = await optional('figures', packages, () => import('vega'))
  const lite = language === 'vega-lite' ? await optional('figures', packages, () => import('vega-lite')) : undefined
  const problems: string[] = []
  const report = (...parts: readonly unknown[]): void => void problems.push(parts.map(messageOf).join(' '))
  const restored = settled(vega as unknown as Hidden)
  try {
    const compiled =
      lite === undefined
        ? structuredClone(spec)
        : lite.compile(structuredClone(spec) as Parameters<typeof lite.compile>[0], { logger: quiet(report) }).spec
    const view = new vega.View(vega.parse(compiled), {
      renderer: 'none',
      loader: closedLoader(vega.loader(), report),
      logger: quiet(report),
    })
    try {
      const svg = await view.toSVG()
      if (problems.length > 0) throw new Error(problems[0])
      return svg
    } finally {
      view.finalize()
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'FormatProblem') throw cause
    throw new FormatProblem(`the figure cannot be drawn: ${messageOf(cause)}`, {
      hint: 'the editor at https://vega.github.io/editor says more about a specification',
      cause,
    })
  } finally {
    restored()
  }
}

/** What Vega has besides what its types say. */
interface Hidden {
  readonly setRandom: (random: () => number) => void
  readonly randomLCG: (seed: number) => () => number
  readonly resetSVGDefIds: () => void
  readonly textMetrics: { readonly canvas: (use: boolean) => void }
}

/** Takes chance and memory out of Vega; gives a function that puts chance back. */
const settled = ({ setRandom, randomLCG, resetSVGDefIds, textMetrics }: Hidden): (() => void) => {
  setRandom(randomLCG(1))
  resetSVGDefIds()
  textMetrics.canvas(false) // widths of texts are estimated, whether or not a canvas with fonts is installed
  return () => setRandom(Math.random)
}

/** Errors fail the figure; warnings are Vega's own affair. */
const quiet = (report: (...parts: readonly unknown[]) => void) => {
  const logger = {
    level: () => logger,
    error: (...parts: readonly unknown[]) => (report(...parts), logger),
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  }
  return logger as never // `level` without an argument gives a number, which nobody here asks for
}

/** Links may lead anywhere, but nothing is fetched: a figure is made of what the task gives it. */
const closedLoader = <Loader extends object>(open: Loader, report: (problem: string) => void): Loader => ({
  ...open,
  load: (uri: string) => {
    // Vega itself only warns, and draws without
    report(`it wants ${uri}, but figures fetch nothing: put the rows into data.values`)
    return Promise.reject(new Error('not fetched'))
  },
})

/** A PNG of an SVG, so many pixels a unit. Throws `FormatProblem` where it is no SVG. */
export const pictureOf = async (
  svg: string,
  { scale, fonts }: { readonly scale: number; readonly fonts: readonly string[] },
  packages: readonly string[],
): Promise<Uint8Array> => {
  const { Resvg } = await optional('figures', packages, () => import('@resvg/resvg-js'))
  const own = await optional('figures', packages, async () => ownFonts())
  try {
    return new Resvg(svg, {
      background: 'white',
      fitTo: { mode: 'zoom', value: scale },
      font: {
        loadSystemFonts: false,
        fontFiles: [...own, ...fonts],
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
        serifFamily: 'DejaVu Serif',
        monospaceFamily: 'DejaVu Sans Mono',
        cursiveFamily: 'DejaVu Sans',
        fantasyFamily: 'DejaVu Sans',
      },
    })
      .render()
      .asPng()
  } catch (cause) {
    throw new FormatProblem(`the SVG cannot be drawn: ${messageOf(cause)}`, {
      cause,
    })
  }
}

const ownFonts = (): readonly string[] => faces.map((face) => fileOfPackage(`dejavu-fonts-ttf/ttf/${face}.ttf`))

const faces = [
  'DejaVuSans',
  'DejaVuSans-Bold',
  'DejaVuSans-Oblique',
  'DejaVuSans-BoldOblique',
  'DejaVuSerif',
  'DejaVuSansMono',
]
