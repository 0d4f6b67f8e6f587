import type { RunMetricsAnswer } from '../contract.js'

/** Draws a Vega-Lite specification as SVG. */
export type DrawSvg = (spec: object) => Promise<string>

/** Limit on plots; only series with at least two values are drawn. */
const maxPlots = 20

/** Plots of metrics over the runs of a config, by index of their series: `data:` URLs. */
export const metricPlots = async (
  { runs, series }: Pick<RunMetricsAnswer, 'runs' | 'series'>,
  draw: DrawSvg,
): Promise<Readonly<Record<string, string>>> => {
  const worth = [...series.entries()].filter(
    ([, { values }]) => values.filter((value) => typeof value === 'number').length > 1,
  )
  const plots: Record<string, string> = {}
  for (const [index, { values }] of worth.slice(0, maxPlots)) {
    const points = runs.flatMap(({ started }, run) =>
      typeof values[run] === 'number' ? [{ started, value: values[run] }] : [],
    )
    plots[index] = `data:image/svg+xml;base64,${Buffer.from(await draw(specOf(points))).toString('base64')}`
  }
  return plots
}

/** 24-hour clock; Vega's own format for days. */
const hours = { hours: '%H:%M', minutes: '%H:%M' }
const dim = '#7d8590'
const line = '#5b83ec'

/** Legible on light and dark backgrounds; times in UTC, so that the plot is the same everywhere. */
const specOf = (values: readonly object[]): object => ({
  data: { values },
  width: 560,
  height: 150,
  background: 'transparent',
  mark: { type: 'line', color: line, point: { size: 40, color: line } },
  encoding: {
    x: {
      field: 'started',
      type: 'temporal',
      title: null,
      scale: { type: 'utc' },
      axis: { tickCount: 6, format: hours },
    },
    y: {
      field: 'value',
      type: 'quantitative',
      title: null,
      scale: { zero: false },
      axis: { format: '.6~g', tickCount: 5 },
    },
  },
  config: {
    font: 'system-ui, sans-serif',
    view: { stroke: null },
    axis: { labelColor: dim, domainColor: dim, tickColor: dim, gridColor: dim, gridOpacity: 0.25 },
  },
})
