import { useEffect, useState } from 'preact/hooks'
import type { LiveRun } from './state/live.js'
import { itemWords } from './state/item-words.js'
import { put, shortConfig } from './state/page-state.js'
import { countText, secondsText } from './words.js'

/** The current run in a few words, which screen readers announce when they change, but not the clock next to them. */
export const RunState = ({
  run,
  others,
}: {
  readonly run: LiveRun | undefined
  readonly others: readonly LiveRun[]
}) => (
  <div class="run-state" data-testid="run-state">
    <span role="status">{run === undefined ? '' : stateWords(run)}</span>
    {run !== undefined && run.ended === undefined ? <Clock since={run.began.at} /> : null}
    {run === undefined || run.ended !== undefined ? null : <Items run={run} />}
    {others.map(({ began }) => (
      <button
        type="button"
        class="link"
        title={`${began.command} on ${began.host}`}
        onClick={() => put({ config: began.config, node: undefined })}
      >
        {shortConfig(began.config)} runs
      </button>
    ))}
  </div>
)

/** Progress of tasks with items; not announced, since it changes all the time. */
const Items = ({ run }: { readonly run: LiveRun }) => (
  <>
    {[...run.nodes].map(([node, { phase, items, done, total }]) =>
      phase !== 'running' || items === undefined || done === undefined ? null : (
        <span class="dim" aria-hidden="true" data-testid="items-state">
          {`${node}: ${itemWords(items, done, total)}`}
        </span>
      ),
    )}
  </>
)

const stateWords = ({ ended, done, toRun, nodes, began }: LiveRun): string => {
  if (ended === undefined) {
    const failed = [...nodes.values()].filter(({ phase }) => phase === 'failed').length
    const of = toRun > 0 ? `${countText(done)} of ${countText(toRun)}` : countText(done)
    const where = began.started === null ? 'running elsewhere' : 'running'
    return `${where}: ${of}${failed === 0 ? '' : `, ${failed} failed`}`
  }
  const took = ended.seconds === null ? '' : ` in ${secondsText(ended.seconds)}`
  switch (ended.state) {
    case 'done':
      return `done${took}`
    case 'failed':
      return `failed${took}: ${ended.failures.slice(0, 2).join(', ') || (ended.trouble[0]?.message ?? '')}`
    default:
      return `the run ${runWords[ended.state] ?? ended.state}${took}`
  }
}

const runWords: { readonly [state in string]?: string } = {
  unfinished: 'is unfinished',
  stopped: 'was stopped',
}

const Clock = ({ since }: { readonly since: string }) => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, (now - new Date(since).getTime()) / 1000)
  return (
    <span class="dim" aria-hidden="true">
      {secondsText(Math.round(seconds))}
    </span>
  )
}
