import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { windowOf } from './window.js'

/** A table of rows of equal height, of which only the visible ones are rendered. */
export const VirtualRows = ({
  label,
  testId,
  count,
  height,
  columns,
  template,
  row,
}: {
  readonly label: string
  readonly testId: string
  readonly count: number
  readonly height: number
  readonly columns: readonly string[]
  /** The CSS grid template of the columns. */
  readonly template: string
  readonly row: (index: number) => readonly ComponentChildren[]
}) => {
  const { place, scroll } = useScroll()
  const { from, to } = windowOf(scroll.top, scroll.height, height, count)
  return (
    <div
      class="rows"
      ref={place}
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      data-testid={testId}
      tabIndex={0}
    >
      <div class="rows-head" role="rowgroup">
        <div class="rows-row" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <span role="columnheader">{column}</span>
          ))}
        </div>
      </div>
      <div class="rows-body" role="rowgroup" style={{ height: `${count * height}px` }}>
        {Array.from({ length: to - from }, (_, offset) => from + offset).map((index) => (
          <div
            class="rows-row"
            role="row"
            key={index}
            aria-rowindex={index + 2}
            style={{
              gridTemplateColumns: template,
              height: `${height}px`,
              transform: `translateY(${index * height}px)`,
            }}
          >
            {row(index).map((cell) => (
              <span role="cell">{cell}</span>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

export interface Scroll {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** The scroll offset of an element, and its visible size. */
export const useScroll = () => {
  const place = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState<Scroll>({ top: 0, left: 0, height: 600, width: 900 })
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const read = (): void =>
      setScroll({
        top: element.scrollTop,
        left: element.scrollLeft,
        height: element.clientHeight,
        width: element.clientWidth,
      })
    const resized = new ResizeObserver(read)
    resized.observe(element)
    element.addEventListener('scroll', read, { passive: true })
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', read)
    }
  }, [])
  return { place, scroll }
}
