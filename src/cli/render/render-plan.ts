import type { PlanNode } from '../../plan/plan-types.js'
import type { NodeState } from '../../runtime/chain/chain-types.js'
import type { Computations } from '../../runtime/engine/adoption/computations.js'
import type { Paint } from '../host.js'
import { tableLines } from './render-table.js'
import { oneOfEach } from '../../base/one-of-each.js'
import { countedNodes, duration } from './units.js'

/** A node of a plan and its state in the store. */
export interface PlanRow {
  readonly node: PlanNode
  readonly state: NodeState
  /** Earlier duration in seconds: of this artifact, else of the task's latest one; undefined if it never ran. */
  readonly seconds: number | undefined
  /** Stored, but computed by other code than the present. */
  readonly older?: boolean
  /** Stored, but due for refresh because its task reads the outside world. */
  readonly due?: boolean
  /** The former name under which it is or was stored. */
  readonly formerly?: string | undefined
}

/** Node states as text. */
export const stateWords: Readonly<Record<NodeState, string>> = {
  cached: 'cached',
  stale: 'stale',
  undecided: 'undecided',
  to_run: 'to run',
  in_memory: 'in memory',
  unfinished: 'unfinished',
  waiting: 'waiting',
}

/** The table of a plan, in run order. */
export const planLines = (rows: readonly PlanRow[], paint: Paint, columns: number | undefined): readonly string[] =>
  tableLines<PlanRow>(
    [
      {
        title: 'state',
        cell: ({ state, older, due, formerly }) =>
          [
            stateWords[state],
            ...(older === true ? ['older code'] : []),
            ...(due === true ? ['due for refresh'] : []),
            ...(formerly !== undefined && state === 'cached' ? [`adopted from ${formerly}`] : []),
          ].join(', '),
        paint: (text, { state }) => statePaint(paint, state)(text),
      },
      { title: 'task', cell: ({ node }) => node.id },
      {
        title: 'took',
        cell: ({ state, seconds }) =>
          seconds === undefined ? '' : `${state === 'cached' ? '' : '~'}${duration(seconds)}`,
        align: 'right',
      },
      { title: 'format', cell: ({ node }) => node.format },
      { title: 'config', cell: ({ node }) => node.config, paint: (text) => paint.dim(text) },
    ],
    rows,
    { columns, paintTitle: (text) => paint.bold(text) },
  )

export const statePaint = (paint: Paint, state: NodeState): ((text: string) => string) =>
  ({
    cached: paint.green,
    stale: paint.yellow,
    undecided: paint.green,
    to_run: paint.yellow,
    in_memory: paint.dim,
    unfinished: paint.magenta,
    waiting: paint.magenta,
  })[state]

/**
 * `12 nodes: 3 cached, 7 to run, 2 in memory, about 4.2 s`: the time is how long those to run took before. Nodes that
 * share a result are counted once: `25 nodes → 16 distinct: 0 cached, 16 to run`.
 */
export const planSummary = (nodes: readonly PlanRow[], computations?: Computations): string => {
  const rows = oneOfEach(nodes, ({ node }) => node.key)
  const count = (state: NodeState): number => rows.filter((row) => row.state === state).length
  const extra = (['stale', 'undecided', 'unfinished', 'waiting'] as const)
    .map((state) => [state, count(state)] as const)
    .filter(([, number]) => number > 0)
  const parts = [
    `${count('cached')} cached`,
    `${count('to_run')} to run`,
    `${count('in_memory')} in memory`,
    ...extra.map(([state, number]) => `${number} ${stateWords[state]}`),
    ...countedIf(rows.filter(({ due }) => due === true).length, 'due for refresh'),
    ...countedIf(rows.filter(({ older }) => older === true).length, 'of older code'),
    ...betweenText(computations),
    ...timeLeft(rows),
  ]
  return `${countedNodes(nodes.length, rows.length)}: ${parts.join(', ')}`
}

/** Shown only if the number depends on contents. */
const betweenText = (computations: Computations | undefined): readonly string[] =>
  computations === undefined || computations.atLeast === computations.atMost
    ? []
    : [`at least ${computations.atLeast} and at most ${computations.atMost} computed`]

const countedIf = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}`])

const timeLeft = (rows: readonly PlanRow[]): readonly string[] => {
  const ahead = rows.filter(({ state }) => state === 'to_run' || state === 'stale' || state === 'unfinished')
  const timed = ahead.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]))
  if (timed.length === 0) return []
  const sum = duration(timed.reduce((total, seconds) => total + seconds, 0))
  return [timed.length === ahead.length ? `about ${sum}` : `about ${sum} for ${timed.length} of them`]
}
