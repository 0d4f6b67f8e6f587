import type { LiveItems, RunBegan, RunEndedEvent, RunEventLine, ServerEvent, Trouble } from '../../ui/contract.js'

/** The state of current runs, as reported by events; immutable, each event produces a new one. */
export interface Live {
  readonly runs: ReadonlyMap<string, LiveRun>
}

export interface LiveRun {
  readonly began: RunBegan
  readonly nodes: ReadonlyMap<string, LiveNode>
  /** Number of nodes that it will compute, as far as reported. */
  readonly toRun: number
  readonly done: number
  readonly ended?: RunEndedEvent
}

export interface LiveNode {
  readonly phase: Phase
  readonly at: number
  readonly done?: number
  readonly total?: number
  readonly items?: LiveItems
  readonly attempt?: number
  readonly holder?: string
  readonly error?: Trouble
}

export type Phase = 'waiting' | 'running' | 'computed' | 'failed' | 'skipped' | 'unfinished'

export const nothingLive: Live = { runs: new Map() }

/** The next state. Ended runs of a config are dropped when its next run begins. */
export const liveAfter = (live: Live, event: ServerEvent): Live => {
  switch (event.kind) {
    case 'hello':
      return { runs: new Map(event.runs.map((began) => [began.follow, live.runs.get(began.follow) ?? newRun(began)])) }
    case 'began': {
      if (live.runs.has(event.follow)) return changed(live, event.follow, (run) => ({ ...run, began: event }))
      const others = [...live.runs].filter(
        ([, { began, ended }]) => ended === undefined || began.config !== event.config,
      )
      return { runs: new Map([...others, [event.follow, newRun(event)]]) }
    }
    case 'events':
      return changed(live, event.follow, (run) => runAfter(run, event.events))
    case 'ended':
      return changed(live, event.follow, (run) => ({ ...run, ended: event }))
    case 'changed':
    case 'closing':
      return live
  }
}

const newRun = (began: RunBegan): LiveRun => ({ began, nodes: new Map(), toRun: 0, done: 0 })

const changed = (live: Live, follow: string, change: (run: LiveRun) => LiveRun): Live => {
  const run = live.runs.get(follow)
  return run === undefined ? live : { runs: new Map([...live.runs, [follow, change(run)]]) }
}

const runAfter = (run: LiveRun, lines: readonly RunEventLine[]): LiveRun => {
  const nodes = new Map(run.nodes)
  let { toRun, done } = run
  for (const line of lines) {
    if (line.event === 'planned') toRun = line.toRun?.length ?? toRun
    const phase = phaseOf(line.event)
    if (line.node === undefined || phase === undefined) continue
    if (phase !== 'running' && phase !== 'waiting' && nodes.get(line.node)?.phase !== phase) done += 1
    nodes.set(line.node, nodeAfter(nodes.get(line.node), phase, line))
  }
  return { ...run, nodes, toRun, done }
}

const nodeAfter = (before: LiveNode | undefined, phase: Phase, line: RunEventLine): LiveNode => ({
  phase,
  at: before?.phase === phase ? before.at : line.at,
  ...(line.done === undefined ? {} : { done: line.done }),
  ...(line.total === undefined ? {} : { total: line.total }),
  ...(line.items === undefined ? {} : { items: line.items }),
  ...(line.attempt === undefined ? {} : { attempt: line.attempt }),
  ...(line.holder === undefined ? {} : { holder: line.holder }),
  ...(line.error === undefined ? {} : { error: line.error }),
})

const phaseOf = (event: RunEventLine['event']): Phase | undefined => {
  switch (event) {
    case 'waiting':
      return 'waiting'
    case 'started':
    case 'progress':
    case 'retrying':
      return 'running'
    case 'computed':
    case 'adopted':
      return 'computed'
    case 'failed':
    case 'skipped':
    case 'unfinished':
      return event
    default:
      return undefined
  }
}

/** The run to show for a config: the current one, or else the latest. */
export const runOf = (live: Live, config: string): LiveRun | undefined => {
  const runs = [...live.runs.values()].filter(({ began }) => began.config === config)
  return runs.findLast(({ ended }) => ended === undefined) ?? runs.at(-1)
}
