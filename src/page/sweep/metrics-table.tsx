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

interface Table {
  readonly answer: MetricsAnswer
  readonly columns: readonly MetricsColumn[]
  readonly metrics: Metrics
  readonly onOpen: (row: MetricsAnswer['rows'][number]) => void
}

/** Data shared by all rows. */
interface View extends Table {
  readonly inView: readonly MetricsColumn[]
  /** Index of the first visible column. */
  readonly first: number
  readonly nameWidth: number
  readonly width: string
  readonly order: Order | undefined
  readonly onOrder: (order: Order) => void
}

/** Chains by params and metrics: only visible rows and columns are rendered, and only these columns are requested. */
export const MetricsTable = (table: Table) => {
  const { answer, columns, metrics } = table
  const { place, scroll } = useScroll()
  const [order, setOrder] = useState<Order>()
  const nameWidth = Math.min(340, Math.max(180, scroll.width * 0.3))
  const rows = windowOf(scroll.top, scroll.height - headHeight, rowHeight, answer.rows.length, 4)
  const wide = windowOf(scroll.left, scroll.width - nameWidth, columnWidth, columns.length, 1)
  const inView = columns.slice(wide.from, wide.to)
  useEffect(() => metrics.want(inView.map(({ id }) => id)), [inView.map(({ id }) => id).join('\n'), metrics.answer])
  const cells = order === undefined ? undefined : metrics.cells.get(order.column)
  const sorted = useMemo(() => ordered(answer.rows.length, cells, order?.down ?? false), [answer, cells, order])
  const width = `${nameWidth + columns.length * columnWidth}px`
  const view: View = { ...table, inView, first: wide.from, nameWidth, width, order, onOrder: setOrder }
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
      <div
        class="metrics-area"
        role="rowgroup"
        style={{ width, height: `${headHeight + answer.rows.length * rowHeight}px` }}
      >
        <HeadRow view={view} />
        {sorted.slice(rows.from, rows.to).map((row, offset) => (
          <Row key={row} {...{ view, row }} at={rows.from + offset} />
        ))}
      </div>
    </div>
  )
}

const leftOf = ({ nameWidth, first }: View, index: number): string => `${nameWidth + (first + index) * columnWidth}px`

const HeadRow = ({ view }: { readonly view: View }) => {
  const { inView, first, order, onOrder } = view
  return (
    <div class="metrics-head" role="row" aria-rowindex={1} style={{ width: view.width, height: `${headHeight}px` }}>
      <span class="metrics-name" role="columnheader" style={{ width: `${view.nameWidth}px` }}>
        Chain
      </span>
      {inView.map((column, index) => (
        <Head
          key={column.id}
          {...{ column, order }}
          at={first + index + 2}
          left={leftOf(view, index)}
          onOrder={() => onOrder({ column: column.id, down: order?.column === column.id && !order.down })}
        />
      ))}
    </div>
  )
}

/** `row`: index of the chain in the answer; `at`: its position in the displayed order. */
const Row = ({ view, row, at }: { readonly view: View; readonly row: number; readonly at: number }) => {
  const { inView, first, metrics, onOpen } = view
  const chain = view.answer.rows[row]
  const { name = '', state = 'to_run' } = chain ?? {}
  return (
    <div
      class="metrics-row"
      role="row"
      aria-rowindex={at + 2}
      style={{ transform: `translateY(${headHeight + at * rowHeight}px)`, width: view.width }}
    >
      <span
        class="metrics-name"
        role="rowheader"
        style={{ width: `${view.nameWidth}px` }}
        title={`${name}: ${wordOf[state]}`}
      >
        <StandBox stand={state} />
        <button type="button" class="link" onClick={() => chain !== undefined && onOpen(chain)}>
          <bdi>{shortConfig(name)}</bdi>
        </button>
      </span>
      {inView.map(({ id }, index) => (
        <span
          class="metrics-cell"
          role="cell"
          key={id}
          aria-colindex={first + index + 2}
          style={{ left: leftOf(view, index) }}
        >
          {textOf(metrics.cells.get(id)?.[row])}
        </span>
      ))}
    </div>
  )
}

/** Plain text, since hundreds of visible cells are rendered again in each frame while scrolling. */
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
      <button type="button" class="quiet" title={`Sort by ${column.title}`} onClick={onOrder}>
        <span class="dim">{column.kind === 'param' ? 'param' : dot < 0 ? 'metric' : column.title.slice(0, dot)}</span>
        <span>
          {column.kind === 'param' ? column.title : column.title.slice(dot + 1)}
          {mine ? (order.down ? ' ↓' : ' ↑') : ''}
        </span>
      </button>
    </span>
  )
}
