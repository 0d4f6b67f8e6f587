import type { RunAnswer } from '../../ui/contract.js'
import { Facts } from '../node/about.js'
import { go, put } from '../state/page-state.js'
import { useAnswer } from '../state/use-answer.js'
import { WhenThere } from '../widgets/empty.js'
import { counted, countText, numberText, secondsText, timeText } from '../words.js'

/** One run, from its record. */
export const RunDetails = ({ id }: { readonly id: string }) => (
  <section class="card" aria-label={`Run ${id}`} data-testid="run">
    <div class="row between">
      <h2>Run {id}</h2>
      <button type="button" class="quiet" aria-label="Close" onClick={() => put({ run: undefined })}>
        ✕
      </button>
    </div>
    <WhenThere loaded={useAnswer('run', { id }, ['history'])} what="Reading">
      {(answer) => <Details answer={answer} />}
    </WhenThere>
  </section>
)

const Details = ({ answer: { run, nodes } }: { readonly answer: RunAnswer }) => (
  <>
    <Facts
      facts={[
        ['state', `${run.state}${run.exit === undefined ? '' : `, exit code ${run.exit}`}`],
        ['command', [run.command, run.config, ...run.tasks].join(' ')],
        ['overrides', [...run.context, ...run.set].join(' ')],
        ['started', `${timeText(run.started)} on ${run.host}, process ${run.pid}`],
        ['took', run.seconds === undefined ? undefined : secondsText(run.seconds)],
        [
          'commit',
          run.revision === undefined
            ? undefined
            : `${run.revision.commit}${run.revision.clean === false ? ', with changes' : ''}`,
        ],
        ['tasks', run.counts === undefined ? countText(run.nodes) : countsText(run.counts)],
        ['failed', run.failures.join(', ')],
        [
          run.state === 'died' ? 'used, at least' : 'used',
          Object.entries(run.usage ?? {})
            .map(([name, amount]) => `${name} ${numberText(amount)}`)
            .join(', '),
        ],
      ]}
    />
    {nodes === undefined ? (
      <p class="dim">Its plan is not stored.</p>
    ) : (
      <details class="more">
        <summary>{counted(nodes.length, 'task')} of its plan</summary>
        <ul class="names" tabIndex={0}>
          {nodes.slice(0, 1000).map((node) => (
            <li>
              <button type="button" class="link" onClick={() => go('graph', { config: run.config, node })}>
                {node}
              </button>
            </li>
          ))}
        </ul>
      </details>
    )}
  </>
)

const countsText = (counts: object): string =>
  Object.entries(counts)
    .flatMap(([name, count]) => (typeof count === 'number' && count > 0 ? [`${countText(count)} ${name}`] : []))
    .join(', ')
