import { useEffect, useMemo, useState } from 'preact/hooks'
import type { MetricsAnswer, MetricsColumn } from '../../ui/contract.js'
import { Plot } from '../plots/plot.js'
import { type Axis, parallelSpec, scatterSpec } from '../plots/specs.js'
import { Empty, Loading } from '../widgets/empty.js'
import type { Metrics } from './use-metrics.js'

interface SweepPlotsProps {
  readonly answer: MetricsAnswer
  readonly columns: readonly MetricsColumn[]
  readonly metrics: Metrics
  readonly as: 'parallel' | 'scatter'
}

export const SweepPlots = (props: SweepPlotsProps) =>
  props.as === 'scatter' ? <Scatter {...props} /> : <Parallel {...props} />

const axisOf = (column: MetricsColumn | undefined, metrics: Metrics): Axis | undefined => {
  const cells = column === undefined ? undefined : metrics.cells.get(column.id)
  return column === undefined || cells === undefined
    ? undefined
    : { title: column.title, numeric: column.numeric, cells }
}

const useWanted = (metrics: Metrics, ids: readonly string[]): void =>
  useEffect(() => metrics.want(ids), [ids.join('\n'), metrics.answer])

const Scatter = ({ answer, columns, metrics }: SweepPlotsProps) => {
  const numeric = columns.filter((column) => column.numeric)
  const [chosen, choose] = useState<{ readonly [axis in 'x' | 'y' | 'colour']?: string }>({})
  const x = chosen.x ?? (tellingParams(numeric)[0] ?? numeric[0] ?? columns[0])?.id ?? ''
  const y = chosen.y ?? (fullest(numeric.filter(({ id }) => id !== x))[0] ?? columns.at(-1))?.id ?? ''
  const colour = chosen.colour ?? ''
  useWanted(metrics, [x, y, ...(colour === '' ? [] : [colour])])
  const of = (id: string): Axis | undefined =>
    axisOf(
      columns.find((column) => column.id === id),
      metrics,
    )
  const axes = [of(x), of(y), of(colour)] as const
  const spec = useMemo(
    () =>
      axes[0] === undefined || axes[1] === undefined || (colour !== '' && axes[2] === undefined)
        ? undefined
        : scatterSpec(
            answer.rows.map(({ name }) => name),
            axes[0],
            axes[1],
            axes[2],
          ),
    [answer, x, y, colour, metrics.cells],
  )
  return (
    <>
      <div class="row wrap">
        <ColumnSelect label="across" columns={columns} value={x} onChange={(next) => choose({ ...chosen, x: next })} />
        <ColumnSelect label="up" columns={columns} value={y} onChange={(next) => choose({ ...chosen, y: next })} />
        <ColumnSelect
          label="colour"
          columns={columns}
          value={colour}
          none="none"
          onChange={(next) => choose({ ...chosen, colour: next })}
        />
      </div>
      {spec === undefined ? (
        <Loading what="Reading metrics" />
      ) : (
        <Plot spec={spec} label={`Scatter plot of ${of(y)?.title} over ${of(x)?.title}`} height={420} />
      )}
    </>
  )
}

const ColumnSelect = ({
  label,
  columns,
  value,
  none,
  onChange,
}: {
  readonly label: string
  readonly columns: readonly MetricsColumn[]
  readonly value: string
  readonly none?: string
  readonly onChange: (id: string) => void
}) => (
  <label class="row tight">
    <span class="dim">{label}</span>
    <select
      class="config-select"
      value={value}
      data-testid={`axis-${label}`}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {none === undefined ? null : <option value="">{none}</option>}
      {columns.map(({ id, title }) => (
        <option value={id}>{title}</option>
      ))}
    </select>
  </label>
)

const most = 10

const Parallel = ({ answer, columns, metrics }: SweepPlotsProps) => {
  const [chosen, choose] = useState<readonly string[]>()
  const ids = chosen ?? firstAxes(columns)
  useWanted(metrics, ids)
  const axes = ids.flatMap(
    (id) =>
      axisOf(
        columns.find((column) => column.id === id),
        metrics,
      ) ?? [],
  )
  const spec = useMemo(
    () =>
      axes.length < 2
        ? undefined
        : parallelSpec(
            answer.rows.map(({ name }) => name),
            axes,
          ),
    [answer, ids.join('\n'), metrics.cells],
  )
  const toggle = (id: string, on: boolean): void =>
    choose(
      on
        ? columns.flatMap((column) => (column.id === id || ids.includes(column.id) ? [column.id] : []))
        : ids.filter((one) => one !== id),
    )
  return (
    <>
      <ul class="axes" aria-label="Axes">
        {columns.slice(0, 60).map(({ id, title }) => (
          <li>
            <label class="check">
              <input
                type="checkbox"
                checked={ids.includes(id)}
                disabled={!ids.includes(id) && ids.length >= most}
                onChange={({ currentTarget: { checked } }) => toggle(id, checked)}
              />{' '}
              {title}
            </label>
          </li>
        ))}
        {columns.length > 60 ? <li class="dim">Columns with … narrows down what is listed here.</li> : null}
      </ul>
      {ids.length < 2 ? (
        <Empty title="Choose at least two axes" />
      ) : spec === undefined ? (
        <Loading what="Reading metrics" />
      ) : (
        <Plot
          spec={spec}
          label={`Parallel coordinates of ${counted(ids.length)}, coloured by the last`}
          height={420}
          least={ids.length * 132}
        />
      )}
    </>
  )
}

const counted = (axes: number): string => `${axes} axes`

/** Metrics that differ between chains come first, those that most chains have before others. */
const fullest = (columns: readonly MetricsColumn[]): readonly MetricsColumn[] =>
  columns
    .filter(({ kind, numeric }) => kind === 'metric' && numeric)
    .toSorted((left, right) => Number(right.varies) - Number(left.varies) || left.missing - right.missing)

/** Params that differ between the chains that have them come first. */
const tellingParams = (columns: readonly MetricsColumn[]): readonly MetricsColumn[] =>
  columns.filter(({ kind }) => kind === 'param').toSorted((left, right) => Number(right.varies) - Number(left.varies))

const firstAxes = (columns: readonly MetricsColumn[]): readonly string[] => {
  const chosen = new Set([...tellingParams(columns).slice(0, 5), ...fullest(columns).slice(0, 2)])
  return columns.filter((column) => chosen.has(column)).map(({ id }) => id)
}
