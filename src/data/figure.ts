import { fieldOf } from '../base/records.js'
import { show } from '../declare/codec/codec.js'
import { FormatProblem, makeFormat, type Format } from '../declare/format.js'
import { jsonText } from '../declare/json/json.js'
import { parsedJson } from '../declare/json/json-bytes.js'

/** A Vega-Lite or Vega specification, which is plain JSON; see https://vega.github.io/vega-lite/docs/spec.html. */
export interface VegaSpec {
  readonly $schema?: string
  readonly [part: string]: unknown
}

/** What a figure looks like as a file. */
export interface FigureOptions {
  /** Also keep a `.png`. Default: true. */
  readonly png?: boolean
  /** Pixels of the PNG for one unit of the drawing. Default: 2. */
  readonly scale?: number
  /** Paths of more font files (TTF, OTF) for the PNG: for scripts that DejaVu Sans has no letters for. */
  readonly fonts?: readonly string[]
}

/**
 * Keeps a figure: a Vega-Lite or Vega specification, or a ready SVG text, as JSON; what it looks like stands beside it
 * as `<key>.svg` and `<key>.png`. Readers get the specification. One specification gives the same bytes on every
 * machine: fonts come along (DejaVu), chance has a fixed seed, and data must be in the specification, since nothing is
 * fetched. Dates are drawn in the zone of the process unless a scale or time unit says `utc`.
 *
 * Needs `npm install vega@6 vega-lite@6.4 @resvg/resvg-js@2 dejavu-fonts-ttf@2` where figures are made; reading them
 * needs nothing.
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
  const { png = true, scale = 2, fonts = [] } = options
  if (!(scale > 0 && scale <= 20)) throw new TypeError(`figure: scale ${scale} is not between 0 and 20`)
  return makeFormat('figure', 'json', {
    storage: 'file',
    encode: (value) => {
      languageOf(value)
      return Buffer.from(jsonText(value), 'utf8')
    },
    decode: async (source) => {
      const value = parsedJson(await source.bytes())
      languageOf(value)
      return value
    },
    prepare: async () => {
      if (!png) return // a specification needs other packages than SVG text
      const { drawingPackages } = await import('./draw-figure.js')
      await drawingPackages()
    },
    beside: async (value) => {
      const { drawnFigure, pictureOf } = await import('./draw-figure.js')
      const language = languageOf(value)
      const svg = language === 'svg' ? (value as string) : await drawnFigure(value as object, language)
      const picture = png || language === 'svg' ? await pictureOf(svg, scale, fonts) : undefined // a ready SVG is drawn to see that it is one
      return { svg: Buffer.from(svg, 'utf8'), ...(png && picture !== undefined ? { png: picture } : {}) }
    },
  })
}

/** In which language a figure is written. Throws `FormatProblem` for what is no figure. */
const languageOf = (value: unknown): 'svg' | 'vega' | 'vega-lite' => {
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
