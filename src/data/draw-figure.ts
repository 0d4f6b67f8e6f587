import { FormatProblem } from '../declare/format.js'
import { drawableFonts } from './font-files.js'
import { fileOfPackage, optional } from './optional-package.js'
import { messageOf } from '../base/thrown.js'

/** Specifications → SVG, SVG → PNG, reproducible byte for byte. Imported only when a figure is drawn. */

/** The language of a figure's source. */
export type FigureLanguage = 'vega-lite' | 'vega' | 'svg'

/** Packages needed to draw figures in one language, or in all of them, as arguments of `npm install`. */
export const packagesOf = (language: FigureLanguage | undefined, png: boolean): readonly string[] => [
  ...(language === 'svg' ? [] : ['vega@6']),
  ...(language === 'svg' || language === 'vega' ? [] : ['vega-lite@6.4']),
  ...(png ? ['@resvg/resvg-js@2', 'dejavu-fonts-ttf@2'] : []),
]

/** Loads the packages. Rejects with `FormatProblem`, which says what to install, if one is missing. */
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

/** The SVG of a specification. Throws `FormatProblem` with Vega's reason if it cannot be drawn. */
export const drawnFigure = (
  spec: object,
  language: 'vega' | 'vega-lite',
  packages: readonly string[],
): Promise<string> => {
  // One at a time: Vega's random numbers and ids are shared by all figures of a process.
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

/** Parts of Vega that its types do not declare. */
interface Hidden {
  readonly setRandom: (random: () => number) => void
  readonly randomLCG: (seed: number) => () => number
  readonly resetSVGDefIds: () => void
  readonly textMetrics: { readonly canvas: (use: boolean) => void }
}

/** Makes Vega deterministic; returns a function that restores its random numbers. */
const settled = ({ setRandom, randomLCG, resetSVGDefIds, textMetrics }: Hidden): (() => void) => {
  setRandom(randomLCG(1))
  resetSVGDefIds()
  textMetrics.canvas(false) // text widths are estimated, whether or not a canvas with fonts is installed
  return () => setRandom(Math.random)
}

/** Errors fail the figure; warnings are dropped. */
const quiet = (report: (...parts: readonly unknown[]) => void) => {
  const logger = {
    level: () => logger,
    error: (...parts: readonly unknown[]) => (report(...parts), logger),
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  }
  return logger as never // `level` without an argument returns a number, which nothing here calls
}

/** Links may point anywhere, but nothing is fetched: a figure is drawn only from what the task provides. */
const closedLoader = <Loader extends object>(open: Loader, report: (problem: string) => void): Loader => ({
  ...open,
  load: (uri: string) => {
    // Vega itself only warns, and draws without the data
    report(`it wants ${uri}, but figures fetch nothing: put the rows into data.values`)
    return Promise.reject(new Error('not fetched'))
  },
})

/** A PNG of an SVG, with `scale` pixels per unit. Throws `FormatProblem` if the text is not SVG. */
export const pictureOf = async (
  svg: string,
  { scale, fonts }: { readonly scale: number; readonly fonts: readonly string[] },
  packages: readonly string[],
): Promise<Uint8Array> => {
  const { Resvg } = await optional('figures', packages, () => import('@resvg/resvg-js'))
  const own = await optional('figures', packages, async () => ownFonts())
  const fontFiles = await drawableFonts([...own, ...fonts])
  try {
    return new Resvg(svg, {
      background: 'white',
      fitTo: { mode: 'zoom', value: scale },
      font: {
        loadSystemFonts: false,
        fontFiles: [...fontFiles],
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
    throw new FormatProblem(`the SVG cannot be drawn: ${messageOf(cause)}`, { cause })
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
