import { useMemo, useState } from 'preact/hooks'
import type { CompareAnswer, ProjectAnswer } from '../../ui/contract.js'
import { go, put, route, shortConfig, source } from '../state/page-state.js'
import { useAnswer } from '../state/use-answer.js'
import { Empty, WhenThere } from '../widgets/empty.js'
import { CompareGraph } from './compare-graph.js'
import { ComparedMetrics, ComparedNodes, ComparedParams } from './compared.js'
import { ComparedSummary } from './compared-summary.js'

/** Two configs side by side: tasks that differ and why, params, metrics. */
export const ComparePage = ({ project, config }: { readonly project: ProjectAnswer; readonly config: string }) => {
  const { before = source.compared?.before, after = source.compared?.after ?? config } = route.value.words
  const asked = before === undefined || before === after ? undefined : { before, after }
  const answer = useAnswer('compare', asked, ['project', 'store'])
  return (
    <div class="page-body">
      <div class="row wrap">
        <h1>Compare</h1>
        {source.live ? (
          <>
            {' '}
            <ConfigChoice
              label="Before"
              value={before ?? ''}
              project={project}
              onChange={(next) => put({ before: next, after })}
            />
            <button
              type="button"
              aria-label="Swap before and after"
              disabled={before === undefined}
              onClick={() => go('compare', { before: after, after: before })}
            >
              ⇄
            </button>
            <ConfigChoice
              label="After"
              value={after}
              project={project}
              onChange={(next) => put({ before, after: next, config: next })}
            />
          </>
        ) : (
          <span>
            {shortConfig(before ?? '')} → {shortConfig(after)}
          </span>
        )}
      </div>
      {asked === undefined ? (
        <Empty title="Select two configs">
          <p>Shows which tasks differ themselves and which only through their inputs, with params and metrics.</p>
        </Empty>
      ) : (
        <WhenThere loaded={answer} what="Comparing">
          {(found) => <Compared answer={found} />}
        </WhenThere>
      )}
    </div>
  )
}

const ConfigChoice = ({
  label,
  value,
  project,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly project: ProjectAnswer
  readonly onChange: (config: string) => void
}) => (
  <label class="row tight">
    <span class="dim">{label}</span>
    <select
      class="config-select"
      data-testid={label.toLowerCase()}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {project.configs.includes(value) ? null : (
        <option value={value}>{value === '' ? 'choose one' : shortConfig(value)}</option>
      )}
      {project.configs.map((name) => (
        <option value={name}>{shortConfig(name)}</option>
      ))}
    </select>
  </label>
)

const Compared = ({ answer }: { readonly answer: CompareAnswer }) => {
  const [graph, setGraph] = useState(source.live)
  const changed = useMemo(() => new Map(answer.nodes.map(({ id, change }) => [id, change])), [answer])
  return (
    <>
      <ComparedSummary answer={answer} />
      {source.live ? (
        <div class="segments" role="group" aria-label="How differences are shown">
          <button type="button" aria-pressed={graph} onClick={() => setGraph(true)}>
            Graphs
          </button>
          <button type="button" aria-pressed={!graph} data-testid="as-table" onClick={() => setGraph(false)}>
            Tables
          </button>
        </div>
      ) : null}
      {graph ? (
        <div class="side-by-side">
          <CompareGraph title="Before" config={answer.before} marks={changed} />
          <CompareGraph title="After" config={answer.after} marks={changed} />
        </div>
      ) : (
        <ComparedNodes nodes={answer.nodes} />
      )}
      <ComparedParams params={answer.params} />
      <ComparedMetrics metrics={answer.metrics} />
    </>
  )
}
