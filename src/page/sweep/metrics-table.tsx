import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Cell, MetricsAnswer, MetricsColumn } from '../../ui/contract.js'
import { StandBox } from '../graph/legend.js'
import { cellText } from '../preview/cell.js'
import { shortConfig } from '../state/page-state.js'
import { wordOf } from '../state/stand.js'
import { useScroll } from '../widgets/virtual-rows.js'
import { windowOf } from '../widgets/window.js'
import { type Order, ordered } from './order.js'
import type { Metrics } from './use-metrics.js'

const [rowHeight, columnWidth, headHeight] = [30, 132, 54]

/** Chains by params and metrics: only the rows and columns in view are there, and only these columns are asked for. */
export const MetricsTable = ({
  answer,
  columns,
  metrics,
  onOpen,
}: {
  readonly answer: MetricsAnswer
  readonly columns: readonly MetricsColumn[]
  readonly metrics: Metrics
  readonly onOpen: (row: MetricsAnswer['rows'][number]) => void
}) => {
  const { place, scroll } = useScroll()
  const [order, setOrder] = useState<Order>()
  const nameWidth = Math.min(340, Math.max(180, scroll.width * 0.3))
  const rows = windowOf(scroll.top, scroll.height - headHeight, rowHeight, answer.rows.length, 4)
  const wide = windowOf(scroll.left, scroll.width - nameWidth, columnWidth, columns.length, 1)
  const inView = columns.slice(wide.from, wide.to)
  useEffect(() => metrics.want(inView.map(({ id }) => id)), [inView.map(({ id }) => id).join('\n'), metrics.answer])
  const cells = order === undefined ? undefined : metrics.cells.get(order.column)
  const sorted = useMemo(() => ordered(answer.rows.length, cells, order?.down ?? false), [answer, cells, order])
  const sizes = {
    width: `${nameWidth + columns.length * columnWidth}px`,
    height: `${headHeight + answer.rows.length * rowHeight}px`,
  }
  const leftOf = (index: number): string => `${nameWidth + (wide.from + index) * columnWidth}px`
  return (
    <div
      class="metrics"
      ref={place}
      role="table"
      aria-label="Params and metrics"
      aria-rowcount={answer.rows.length + 1}
      aria-colcount={columns.length + 1}
      tabIndex={0}
      data-testid="metrics"
    >
      <div class="metrics-area" role="rowgroup" style={sizes}>
        <div
          class="metrics-head"
          role="row"
          aria-rowindex={1}
          style={{ width: sizes.width, height: `${headHeight}px` }}
        >
          <span class="metrics-name" role="columnheader" style={{ width: `${nameWidth}px` }}>
            Chain
          </span>
          {inView.map((column, index) => (
            <Head
              key={column.id}
              {...{ column, order }}
              at={wide.from + index + 2}
              left={leftOf(index)}
              onOrder={() => setOrder({ column: column.id, down: order?.column === column.id && !order.down })}
            />
          ))}
        </div>
        {sorted.slice(rows.from, rows.to).map((row, offset) => {
          const { name = '', state = 'to_run' } = answer.rows[row] ?? {}
          const at = rows.from + offset
          return (
            <div
              class="metrics-row"
              role="row"
              key={row}
              aria-rowindex={at + 2}
              style={{ transform: `translateY(${headHeight + at * rowHeight}px)`, width: sizes.width }}
            >
              <span
                class="metrics-name"
                role="rowheader"
                style={{ width: `${nameWidth}px` }}
                title={`${name}: ${wordOf[state]}`}
              >
                <StandBox stand={state} />
                <button
                  type="button"
                  class="link"
                  onClick={() => answer.rows[row] !== undefined && onOpen(answer.rows[row])}
                >
                  <bdi>{shortConfig(name)}</bdi>
                </button>
              </span>
              {inView.map(({ id }, index) => (
                <span
                  class="metrics-cell"
                  role="cell"
                  key={id}
                  aria-colindex={wide.from + index + 2}
                  style={{ left: leftOf(index) }}
                >
                  {textOf(metrics.cells.get(id)?.[row])}
                </span>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Plain text: there are hundreds of cells in view, anew in each frame while one scrolls. */
const textOf = (cell: Cell | undefined): string => (cell === undefined ? '…' : cellText(cell))

const Head = ({
  column,
  order,
  at,
  left,
  onOrder,
}: {
  readonly column: MetricsColumn
  readonly order: Order | undefined
  readonly at: number
  readonly left: string
  readonly onOrder: () => void
}) => {
  const mine = order?.column === column.id
  const dot = column.title.lastIndexOf('.')
  return (
    <span
      class={`metrics-cell head-${column.kind}`}
      role="columnheader"
      aria-colindex={at}
      aria-sort={mine ? (order.down ? 'descending' : 'ascending') : 'none'}
      style={{ left }}
    >
      <button type="button" class="quiet" title={`${column.title}: sort by it`} onClick={onOrder}>
        <span class="dim">{column.kind === 'param' ? 'param' : dot < 0 ? 'metric' : column.title.slice(0, dot)}</span>
        <span>
          {column.kind === 'param' ? column.title : column.title.slice(dot + 1)}
          {mine ? (order.down ? ' ↓' : ' ↑') : ''}
        </span>
      </button>
    </span>
  )
}
