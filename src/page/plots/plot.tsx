import { useEffect, useRef, useState } from 'preact/hooks'
import type { TopLevelSpec } from 'vega-lite'
import { source } from '../state/page-state.js'
import { isDark } from '../state/theme.js'
import { useScroll } from '../widgets/virtual-rows.js'
import { themed } from './specs.js'

/** A plot drawn with Vega-Lite, which is loaded on demand. */
export const Plot = ({
  spec,
  label,
  height = 340,
  least = 0,
}: {
  readonly spec: TopLevelSpec
  readonly label: string
  readonly height?: number
  /** Minimum width: on a narrower page the plot scrolls. */
  readonly least?: number
}) => {
  const { place: frame, scroll } = useScroll()
  const place = useRef<HTMLDivElement>(null)
  const [problem, setProblem] = useState<string>()
  const dark = isDark()
  useEffect(() => {
    const element = place.current
    if (element === null || !source.live) return
    let [wanted, end] = [true, (): void => {}]
    const draw = async (): Promise<void> => {
      const vega = await import('./vega.js').catch(() => undefined)
      if (vega === undefined) return setProblem('Plots could not be loaded: is the server still there?')
      const stop = wanted
        ? await vega.drawSpec(element, themed(spec, { width: Math.max(scroll.width, least), height, dark }))
        : end
      if (wanted) end = stop
      else stop()
    }
    draw().catch((cause: unknown) => setProblem(`The plot cannot be drawn: ${String(cause)}`))
    return () => {
      wanted = false
      end()
      element.replaceChildren()
    }
  }, [spec, dark, scroll.width, height, least])
  if (!source.live) return <p class="dim">Plots are not in a report; taskchain ui has them.</p>
  return (
    <div class="plot" ref={frame}>
      {problem === undefined ? null : <p class="dim">{problem}</p>}
      <div ref={place} role="img" aria-label={label} data-testid="plot" style={{ minHeight: `${height}px` }} />
    </div>
  )
}
