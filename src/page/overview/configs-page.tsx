import type { ConfigRow, OverviewAnswer, ProblemRow, StateCounts } from '../../ui/contract.js'
import { StandBox } from '../graph/legend.js'
import { shortConfig } from '../state/page-state.js'
import { hashOf } from '../state/route.js'
import { type Stand, stands, wordOf } from '../state/stand.js'
import { useAnswer } from '../state/use-answer.js'
import { Empty, WhenThere } from '../widgets/empty.js'
import { TableHead } from '../widgets/table-head.js'
import { TroubleText } from '../widgets/trouble.js'
import { counted, countText, timeText } from '../words.js'

/** Every config of the project with its status, and the problems of all configs by cause. */
export const ConfigsPage = () => (
  <div class="page-body">
    <h1>Configs</h1>
    <WhenThere loaded={useAnswer('overview', {}, ['project', 'store'])} what="Planning every config">
      {(overview) =>
        overview.configs.length === 0 ? (
          <Empty title="No configs yet">
            <p>Configs that you write are listed here, with their tasks and how many of them are stored.</p>
          </Empty>
        ) : (
          <Overview overview={overview} />
        )
      }
    </WhenThere>
  </div>
)

const Overview = ({ overview: { configs, problems } }: { readonly overview: OverviewAnswer }) => (
  <>
    {problems.length === 0 ? (
      <p class="all-fine" data-testid="no-problems">
        No problems in {counted(configs.length, 'config')}.
      </p>
    ) : (
      <section aria-label="Problems">
        <h2 class="section">Problems</h2>
        <ul class="problems" data-testid="problems">
          {problems.map((problem) => (
            <Problem problem={problem} />
          ))}
        </ul>
      </section>
    )}
    <section aria-label="All configs">
      <h2 class="section">All configs</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of configs">
        <table class="data" data-testid="configs">
          <TableHead columns={['Config', 'Check', 'Tasks', 'State', 'Last run']} numbers={['Tasks']} />
          <tbody>
            {configs.map((row) => (
              <Row row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  </>
)

const Row = ({ row }: { readonly row: ConfigRow }) => (
  <tr>
    <th scope="row">
      {row.outcome === 'fine' ? (
        <a href={hashOf({ view: 'graph', words: { config: row.config } })}>{shortConfig(row.config)}</a>
      ) : (
        shortConfig(row.config)
      )}
    </th>
    <td>
      <Outcome row={row} />
    </td>
    <td>
      <span class="number">{row.nodes === 0 ? '' : countText(row.nodes)}</span>
    </td>
    <td>{row.states === undefined ? null : <StateBar counts={row.states} />}</td>
    <td>
      {row.lastRun === undefined ? (
        <span class="dim">never</span>
      ) : (
        <a href={hashOf({ view: 'history', words: { run: row.lastRun.id } })}>
          {row.lastRun.state}, {timeText(row.lastRun.started)}
        </a>
      )}
    </td>
  </tr>
)

const Outcome = ({ row }: { readonly row: ConfigRow }) => {
  switch (row.outcome) {
    case 'wrong':
      return <span class="tag outcome-failed">{counted(row.errors, 'error')}</span>
    case 'fine':
      return row.warnings === 0 ? (
        <span class="good">fine</span>
      ) : (
        <span class="tag warn">{counted(row.warnings, 'warning')}</span>
      )
    case 'partial':
      return <span class="dim">part{row.usedBy === undefined ? '' : `, used by ${row.usedBy}`}</span>
    case 'values':
      return <span class="dim">values only</span>
  }
}

/** The number of tasks in each status, as a bar and as text. */
export const StateBar = ({ counts }: { readonly counts: StateCounts }) => {
  const known: { readonly [stand in Stand]?: number } = counts
  const present = stands.flatMap((stand) => {
    const count = known[stand] ?? 0
    return count === 0 ? [] : [{ stand, count }]
  })
  return (
    <span class="state-bar">
      {present.map(({ stand, count }) => (
        <span class="row tight">
          <StandBox stand={stand} /> {countText(count)} <span class="dim">{wordOf[stand]}</span>
        </span>
      ))}
    </span>
  )
}

const named = 6

const Problem = ({ problem }: { readonly problem: ProblemRow }) => (
  <li class={`problem problem-${problem.severity}`}>
    <p class="dim">
      {problem.severity} in {counted(problem.configs.length, 'config')}
      {problem.tasks.length === 0
        ? ''
        : `: ${problem.tasks.slice(0, named).join(', ')}${problem.tasks.length > named ? ', …' : ''}`}
    </p>
    <TroubleText trouble={problem} />
    {problem.placesInAll < 2 && problem.configs.length < 2 ? null : (
      <details class="more">
        <summary>{problem.placesInAll > 1 ? `${countText(problem.placesInAll)} places` : 'Configs'}</summary>
        <ul>
          {problem.places.map(({ place, message }) => (
            <li class="place" title={message}>
              {place === undefined ? message : `${place.file}:${place.line}:${place.column}`}
            </li>
          ))}
          {problem.configs.map((config) => (
            <li class="place">{config}</li>
          ))}
        </ul>
      </details>
    )}
  </li>
)
