import { basename } from 'node:path'
import { fieldOf } from '../base/records.js'
import { show } from '../declare/codec/codec.js'
import { FormatProblem, makeFormat, type Format } from '../declare/format.js'
import type { FigureLanguage } from './draw-figure.js'
import { jsonText } from '../declare/json/json.js'
import { parsedJson } from '../declare/json/json-bytes.js'

export type { FigureLanguage }

/** A Vega-Lite or Vega specification, which is plain JSON; see https://vega.github.io/vega-lite/docs/spec.html. */
export interface VegaSpec {
  readonly $schema?: string
  readonly [part: string]: unknown
}

/** How a figure is rendered. */
export interface FigureOptions {
  /**
   * The language of what `run` returns: anything else is refused, and only the packages for this language are needed.
   * Default: any language, which needs all the packages.
   */
  readonly language?: FigureLanguage
  /** Also store a `.png`. Default: true. */
  readonly png?: boolean
  /** PNG pixels per unit of the drawing. Default: 2. */
  readonly scale?: number
  /** Paths of additional font files (TTF, OTF) for the PNG: for scripts that DejaVu Sans does not cover. */
  readonly fonts?: readonly string[]
}

/**
 * Stores a figure as JSON: a Vega-Lite or Vega specification, or ready-made SVG text. Its renderings are stored next to
 * it as `<key>.svg` and `<key>.png`. Readers receive the specification. A specification gives the same bytes on every
 * machine: fonts are bundled (DejaVu), random numbers have a fixed seed, and data must be in the specification, since
 * nothing is fetched. Dates are drawn in the time zone of the process unless a scale or time unit uses `utc`.
 *
 * Drawing needs `npm install vega@6 vega-lite@6.4 @resvg/resvg-js@2 dejavu-fonts-ttf@2`, without the first two if
 * `language: 'svg'`, without the last two if `png: false`; reading needs no packages. Missing packages are reported
 * before the run computes anything. A result whose pictures were drawn with other options is recomputed when it is
 * opened.
 *
 * @example
 * const Counts = t.array(t.type({ year: t.number, films: t.number }))
 * const counts = defineTask({ data: Counts }).run(() => [{ year: 1979, films: 1 }])
 * const histogram = defineTask({ inputs: { counts }, data: figure() }).run(({ counts }) => ({
 *   data: { values: counts },
 *   mark: 'bar',
 *   encoding: { x: { field: 'year', type: 'ordinal' }, y: { field: 'films', type: 'quantitative' } },
 * }))
 *
 * @example
 * import type { TopLevelSpec } from 'vega-lite'
 * const data = figure<TopLevelSpec>() // the specification is checked by the compiler
 */
export const figure = <Spec extends object | string = VegaSpec | string>(options: FigureOptions = {}): Format<Spec> => {
  const { png = true, scale = 2, fonts = [], language: declared } = options
  if (!(scale > 0 && scale <= 20)) throw new TypeError(`figure: scale ${scale} is not between 0 and 20`)
  return makeFormat(
    'figure',
    'json',
    {
      storage: 'file',
      encode: (value) => {
        refuseOther(languageOf(value), declared)
        return Buffer.from(jsonText(value), 'utf8')
      },
      decode: async (source) => {
        const value = parsedJson(await source.bytes())
        refuseOther(languageOf(value), declared)
        return value
      },
      prepare: async () => {
        const { loadPackages, packagesOf } = await import('./draw-figure.js')
        await loadPackages(packagesOf(declared, png))
        if (png && fonts.length > 0) await (await import('./font-files.js')).drawableFonts(fonts)
      },
      beside: async (value) => {
        const { drawnFigure, packagesOf, pictureOf } = await import('./draw-figure.js')
        const packages = packagesOf(declared, png)
        const language = languageOf(value)
        const svg = language === 'svg' ? (value as string) : await drawnFigure(value as object, language, packages)
        return {
          svg: Buffer.from(svg, 'utf8'),
          ...(png ? { png: await pictureOf(svg, { scale, fonts }, packages) } : {}),
        }
      },
      views: viewsOf({ png, scale, fonts }),
    },
    declared ?? 'any',
  )
}

/** Fonts by file name: the same fonts in another folder give the same picture. */
const viewsOf = ({ png, scale, fonts }: Required<Omit<FigureOptions, 'language'>>): string =>
  ['svg', ...(png ? [`png at scale ${scale}`, ...fonts.map((font) => `font ${basename(font)}`)] : [])].join(', ')

const refuseOther = (language: FigureLanguage, declared: FigureLanguage | undefined): void => {
  if (declared === undefined || declared === language) return
  const [wanted, got] = [words[declared], words[language]]
  throw new FormatProblem(`expected ${wanted}, got ${got}`, { hint: `figure({ language: '${language}' }) accepts it` })
}

const words: Readonly<Record<FigureLanguage, string>> = {
  'vega-lite': 'a Vega-Lite specification',
  vega: 'a Vega specification',
  svg: 'SVG text',
}

/** The language of a figure. Throws `FormatProblem` for anything that is not a figure. */
const languageOf = (value: unknown): FigureLanguage => {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new FormatProblem('the SVG has a lone surrogate, which UTF-8 cannot hold')
    if (/^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*|<!DOCTYPE[^>[]*>\s*)*<svg[\s>/]/.test(value)) return 'svg'
    throw new FormatProblem(`expected a Vega-Lite specification or SVG text, got ${show(value)}`, {
      hint: 'SVG text begins with <svg',
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatProblem(`expected a Vega-Lite specification or SVG text, got ${show(value)}`)
  const $schema = fieldOf(value, '$schema')
  if (typeof $schema === 'string' && $schema.includes('/vega-lite/')) return 'vega-lite'
  if (typeof $schema === 'string' && $schema.includes('/vega/')) return 'vega'
  if ('marks' in value) return 'vega'
  if (['mark', 'layer', 'concat', 'hconcat', 'vconcat', 'repeat', 'spec'].some((part) => part in value))
    return 'vega-lite'
  throw new FormatProblem(
    'not a Vega-Lite or Vega specification: it has no mark, layer, concat, hconcat, vconcat, repeat, spec or marks',
    { hint: 'say what to draw, for example mark: "bar"' },
  )
}
