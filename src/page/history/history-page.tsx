import { useState } from 'preact/hooks'
import type { RunRow, RunsAnswer } from '../../ui/contract.js'
import { Pager } from '../preview/pager.js'
import { put, route, shortConfig } from '../state/page-state.js'
import { useAnswer } from '../state/use-answer.js'
import { Empty, WhenThere } from '../widgets/empty.js'
import { TableHead } from '../widgets/table-head.js'
import { countText, secondsText, timeText } from '../words.js'
import { OverTime } from './over-time.js'
import { RunDetails } from './run-details.js'
import { ComparedMetrics, ComparedNodes, ComparedParams } from '../compare/compared.js'
import { ComparedSummary } from '../compare/compared-summary.js'

const page = 50
const columns = 'Compare,Run,State,Config,Took,Computed,Cached,Failed,Commit,Overrides'.split(',')

/** Past runs, the latest first; details of one run, a comparison of two, and metrics over time. */
export const HistoryPage = ({ config }: { readonly config: string }) => {
  const { run, before, after, all } = route.value.words
  const [offset, setOffset] = useState(0)
  const asked = { offset, limit: page, ...(all === 'yes' ? {} : { config }) }
  const answer = useAnswer('runs', asked, ['history'])
  return (
    <div class="page-body">
      <div class="row wrap">
        <h1>History</h1>
        <div class="segments" role="group" aria-label="Runs of which configs">
          <button type="button" aria-pressed={all !== 'yes'} onClick={() => (setOffset(0), put({ all: undefined }))}>
            {shortConfig(config)}
          </button>
          <button
            type="button"
            class="whole"
            aria-pressed={all === 'yes'}
            data-testid="all-runs"
            onClick={() => (setOffset(0), put({ all: 'yes' }))}
          >
            All configs
          </button>
        </div>
      </div>
      {run === undefined ? null : <RunDetails id={run} />}
      {before === undefined || after === undefined ? null : <RunsDiff before={before} after={after} />}
      <WhenThere loaded={answer} what="Reading the history">
        {(found) =>
          found.count === 0 ? (
            <Empty title="Nothing has run yet">
              <p>
                Every <code>taskchain run</code> and <code>sweep</code> leaves a record here: what it computed, how long
                it took, and at which commit.
              </p>
            </Empty>
          ) : (
            <Runs answer={found} setOffset={setOffset} />
          )
        }
      </WhenThere>
      {all === 'yes' ? null : <OverTime config={config} />}
    </div>
  )
}

const Runs = ({ answer, setOffset }: { readonly answer: RunsAnswer; readonly setOffset: (offset: number) => void }) => {
  const [chosen, choose] = useState<readonly string[]>([])
  const [older, newer] = answer.runs
    .map(({ id }) => id)
    .filter((id) => chosen.includes(id))
    .toReversed()
  return (
    <>
      <div class="row wrap">
        <Pager
          offset={answer.offset}
          shown={answer.runs.length}
          total={answer.count}
          what="runs"
          page={page}
          onOffset={setOffset}
        />
        <button
          type="button"
          data-testid="diff-runs"
          disabled={older === undefined || newer === undefined}
          title="Select two runs"
          onClick={() => put({ before: older, after: newer, run: undefined })}
        >
          Compare the selected two
        </button>
        {answer.unreadable.length === 0 ? null : (
          <span class="warn">
            {answer.unreadable.length} records cannot be read: {answer.unreadable.slice(0, 3).join(', ')}
          </span>
        )}
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Runs">
        <table class="data" data-testid="runs">
          <TableHead columns={columns} numbers={['Took', 'Computed', 'Cached', 'Failed']} hidden={['Compare']} />
          <tbody>
            {answer.runs.map((row) => (
              <Row
                row={row}
                chosen={chosen.includes(row.id)}
                onChoose={(on) => choose(on ? [...chosen.slice(-1), row.id] : chosen.filter((id) => id !== row.id))}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const Row = ({
  row,
  chosen,
  onChoose,
}: {
  readonly row: RunRow
  readonly chosen: boolean
  readonly onChoose: (on: boolean) => void
}) => (
  <tr>
    <td>
      <input
        type="checkbox"
        aria-label={`Compare ${row.id}`}
        checked={chosen}
        onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
      />
    </td>
    <th scope="row">
      <button
        type="button"
        class="link"
        title={row.id}
        onClick={() => put({ run: row.id, before: undefined, after: undefined })}
      >
        {timeText(row.started)}
      </button>{' '}
      {row.pinned ? <span class="tag">pinned</span> : null}
    </th>
    <td>
      <RunStateText state={row.state} />
    </td>
    <td>
      {shortConfig(row.config)}
      {row.tasks.length === 0 ? null : <span class="dim"> {row.tasks.slice(0, 3).join(', ')}</span>}
    </td>
    <td>
      <span class="number">{row.seconds === undefined ? '' : secondsText(row.seconds)}</span>
    </td>
    {(['computed', 'cached', 'failed'] as const).map((count) => (
      <td>
        <span class={`number${count === 'failed' && (row.counts?.failed ?? 0) > 0 ? ' bad' : ''}`}>
          {row.counts === undefined ? '' : countText(row.counts[count])}
        </span>
      </td>
    ))}
    <td>
      {row.revision === undefined ? null : (
        <code title={row.revision.commit}>
          {row.revision.commit.slice(0, 8)}
          {row.revision.clean === false ? ' + changes' : ''}
        </code>
      )}
    </td>
    <td>{[...row.context, ...row.set].join(' ')}</td>
  </tr>
)

export const RunStateText = ({ state }: { readonly state: RunRow['state'] }) => (
  <span class={state === 'done' ? 'good' : state === 'running' || state === 'elsewhere' ? 'live' : 'bad'}>{state}</span>
)

/** A comparison of two runs, by their recorded plans. */
const RunsDiff = ({ before, after }: { readonly before: string; readonly after: string }) => (
  <section class="card" aria-label="Difference of two runs" data-testid="runs-diff">
    <div class="row between">
      <h2>
        {before} → {after}
      </h2>
      <button
        type="button"
        class="quiet"
        aria-label="Close"
        onClick={() => put({ before: undefined, after: undefined })}
      >
        ✕
      </button>
    </div>
    <WhenThere loaded={useAnswer('runs-diff', { before, after }, ['history'])} what="Comparing">
      {(answer) => (
        <>
          <ComparedSummary answer={answer} />
          <ComparedParams params={answer.params} />
          <ComparedMetrics metrics={answer.metrics} />
          <ComparedNodes nodes={answer.nodes} />
        </>
      )}
    </WhenThere>
  </section>
)
