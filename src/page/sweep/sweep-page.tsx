import { useMemo, useState } from 'preact/hooks'
import type { MetricsAnswer } from '../../ui/contract.js'
import { Pager } from '../preview/pager.js'
import { go, put, route, shortConfig } from '../state/page-state.js'
import { Empty, Loading } from '../widgets/empty.js'
import { Troubles } from '../widgets/trouble.js'
import { counted, countText } from '../words.js'
import { MetricsTable } from './metrics-table.js'
import { SweepPlots } from './sweep-plots.js'
import { type Metrics, useMetrics } from './use-metrics.js'

const page = 1000

/** Many chains in one table: all configs, or the combinations of one. Computes nothing. */
export const SweepPage = ({ config }: { readonly config: string }) => {
  const { set = '', of } = route.value.words
  const sets = set.split('\n').filter((line) => line.trim() !== '')
  const one = of === 'config'
  const [offset, setOffset] = useState(0)
  const question = useMemo(
    () =>
      one
        ? sets.length === 0
          ? undefined
          : { config: [config], set: sets, offset, limit: page }
        : { offset, limit: page },
    [one, config, set, offset],
  )
  const metrics = useMetrics(question)
  return (
    <div class="page-body fills">
      <div class="row wrap">
        <h1>Sweep</h1>
        <div class="segments" role="group" aria-label="Which chains">
          <button type="button" class="whole" aria-pressed={!one} onClick={() => put({ of: undefined })}>
            All configs
          </button>
          <button type="button" aria-pressed={one} data-testid="combinations" onClick={() => put({ of: 'config' })}>
            Combinations of {shortConfig(config)}
          </button>
        </div>
      </div>
      {one ? <SetForm key={set} set={set} /> : null}
      {question === undefined ? (
        <Empty title="Enter values to combine">
          <p>
            One line for each param, as for <code>taskchain sweep --set</code>: <code>min_votes=100,1000,10000</code>.
            The table shows the stored results of these chains; it computes nothing.
          </p>
        </Empty>
      ) : (
        <Found metrics={metrics} offset={offset} setOffset={setOffset} />
      )}
    </div>
  )
}

const SetForm = ({ set }: { readonly set: string }) => {
  const [text, setText] = useState(set)
  return (
    <form
      class="row wrap top-aligned"
      onSubmit={(event) => {
        event.preventDefault()
        put({ set: text.trim() })
      }}
    >
      <textarea
        aria-label="Values to combine, one param in each line"
        data-testid="sets"
        rows={Math.min(6, Math.max(2, text.split('\n').length))}
        placeholder={'min_votes=100,1000\nmodel=knn,linear'}
        spellcheck={false}
        value={text}
        onInput={({ currentTarget: { value } }) => setText(value)}
      />
      <button type="submit" class="primary">
        Show
      </button>
    </form>
  )
}

type As = 'table' | 'parallel' | 'scatter'

const Found = ({
  metrics,
  offset,
  setOffset,
}: {
  readonly metrics: Metrics
  readonly offset: number
  readonly setOffset: (offset: number) => void
}) => {
  const [as, setAs] = useState<As>('table')
  const [filter, setFilter] = useState('')
  const { answer, errors } = metrics
  const columns = useMemo(
    () => answer?.columns.filter(({ title }) => title.toLowerCase().includes(filter.trim().toLowerCase())) ?? [],
    [answer, filter],
  )
  if (answer === undefined)
    return errors === undefined ? <Loading what="Reading metrics" /> : <Troubles errors={errors} />
  if (answer.rows.length === 0)
    return (
      <Empty title="No chain to show">
        <p>
          {answer.left.length === 0 ? 'There is no config to show.' : `Cannot be planned: ${answer.left.join(', ')}.`}
        </p>
      </Empty>
    )
  return (
    <>
      <div class="row wrap">
        <div class="segments" role="group" aria-label="How it is shown">
          {(['table', 'parallel', 'scatter'] as const).map((way) => (
            <button type="button" aria-pressed={as === way} data-testid={`as-${way}`} onClick={() => setAs(way)}>
              {asWords[way]}
            </button>
          ))}
        </div>
        <input
          type="text"
          placeholder="Columns with …"
          aria-label="Show columns whose names contain this"
          data-testid="column-filter"
          value={filter}
          onInput={({ currentTarget: { value } }) => setFilter(value)}
        />
        <span class="dim" role="status">
          {counted(answer.rowsInAll, 'chain')}, {counted(columns.length, 'column')}
          {answer.beyond === 0 ? '' : `; ${countText(answer.beyond)} more are not planned`}
          {answer.left.length === 0 ? '' : `; cannot be planned: ${answer.left.join(', ')}`}
        </span>
        {answer.rowsInAll <= page ? null : (
          <Pager
            offset={offset}
            shown={answer.rows.length}
            total={answer.rowsInAll}
            what="chains"
            page={page}
            onOffset={setOffset}
          />
        )}
      </div>
      {columns.length === 0 ? (
        <Empty title="No columns">
          <p>Columns are params that differ between the chains, and numbers in stored JSON results.</p>
        </Empty>
      ) : as === 'table' ? (
        <MetricsTable {...{ answer, columns, metrics }} onOpen={openRow} />
      ) : (
        <SweepPlots {...{ answer, columns, metrics, as }} />
      )}
    </>
  )
}

const asWords: { readonly [as in As]: string } = { table: 'Table', parallel: 'Parallel', scatter: 'Scatter' }

const openRow = ({ config }: MetricsAnswer['rows'][number]): void => go('graph', { config })
