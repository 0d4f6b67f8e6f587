import { parse, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'

/** Loaded when the first plot is shown: it is most of the page's code. */

/** Draws a Vega-Lite spec; the returned function takes it away. Nothing is loaded from anywhere, nothing evaluated. */
export const drawSpec = async (place: HTMLElement, spec: TopLevelSpec): Promise<() => void> => {
  const parsed = parse(compile(spec).spec, undefined, { ast: true })
  const container = document.createElement('div') // Vega gives it a name and a role, which `place` has already
  place.replaceChildren(container)
  const view = new View(parsed, {
    renderer: 'canvas',
    container,
    hover: true,
    expr: expressionInterpreter,
    loader,
    tooltip: (_handler, _event, _item, value) => {
      place.title = value === null || value === undefined || value === '' ? '' : tooltipText(value)
    },
  })
  await view.runAsync()
  return () => {
    view.finalize()
  }
}

/** The same as SVG, for a report: no browser is needed. */
export const drawSvg = async (spec: TopLevelSpec): Promise<string> => {
  const view = new View(parse(compile(spec).spec, undefined, { ast: true }), {
    renderer: 'none',
    expr: expressionInterpreter,
    loader,
  })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}

const refuse = (): Promise<never> => Promise.reject(new Error('a plot loads nothing'))
const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse }

const tooltipText = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, one]) => `${name}: ${String(one)}`)
        .join('\n')
    : String(value)
