import { parse, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'

/** Loaded with the first plot, as it is most of the page's code. */

/** Draws a Vega-Lite spec; the returned function removes it. Loads nothing external and evaluates no code. */
export const drawSpec = async (place: HTMLElement, spec: TopLevelSpec): Promise<() => void> => {
  const parsed = parse(compile(spec).spec, undefined, { ast: true })
  const container = document.createElement('div') // Vega sets an accessible name and role, which `place` already has
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

/** The same as SVG, for a report; needs no browser. */
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
