import { inputIds } from '../../plan/plan-graph.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { RunEvent } from '../../runtime/ports/events.js'
import type { ItemsProgress } from '../../runtime/ports/items.js'
import { duration } from '../render/units.js'

/** The graph of results by key, as needed to estimate the time left: the inputs of each, inputs before readers. */
export interface WorkAhead {
  readonly inputs: ReadonlyMap<string, readonly string[]>
  /** How many nodes run at once. */
  readonly slots: number
}

/** The work of a plan. */
export const workOf = (nodes: readonly PlanNode[], slots: number): WorkAhead => {
  const keys = new Map(nodes.map(({ id, key }) => [id, key]))
  return { slots, inputs: new Map(nodes.map((node) => [node.key, inputIds(node).map((id) => keys.get(id) ?? id)])) }
}

/** A node that is being computed. */
export interface Running {
  readonly key: string
  readonly since: number
  readonly attempt: number
  readonly done: number | undefined
  readonly total: number | undefined
  /** The latest progress of its items, and when it was reported. */
  readonly items: ({ readonly at: number } & ItemsProgress) | undefined
  /** The first progress count: only what was done since then, in this run, measures the speed. */
  readonly first: { readonly at: number; readonly done: number } | undefined
}

/** `isLeast`: the duration of some node that is to be computed is unknown. */
export interface TimeLeft {
  readonly seconds: number
  readonly isLeast: boolean
}

/** Earlier durations in seconds of nodes that are not finished, by key; null if unknown. */
export type Open = ReadonlyMap<string, number | null>

/** Applies an event to the open nodes. Mutates the map, since a run has thousands of events. */
export const closing = (open: Map<string, number | null>, event: RunEvent): void => {
  switch (event._tag) {
    case 'planned':
      for (const [key, seconds] of Object.entries(event.earlier ?? {})) open.set(key, seconds)
      return
    case 'computed':
    case 'adopted':
    case 'loaded':
    case 'failed':
    case 'skipped':
    case 'unfinished':
      if (event.key !== undefined) open.delete(event.key)
      return
    default:
      return
  }
}

/**
 * Estimates the rest of a run from earlier durations: the remaining work divided by the slots, but at least the longest
 * path through the graph. Undefined if nothing is known, or if everything that runs is overdue.
 */
export const timeLeft = (
  open: Open,
  running: ReadonlyMap<string, Running>,
  work: WorkAhead,
  now: number,
): TimeLeft | undefined => {
  const byKey = new Map(Array.from(running.values(), (one) => [one.key, one]))
  const ways = new Map<string, number>()
  let sum = 0
  let longest = 0
  let isLeast = false
  const add = (key: string, before: number): void => {
    const seconds = open.has(key) ? restOf(open.get(key) ?? null, byKey.get(key), now) : 0
    if (seconds === undefined) isLeast = true
    sum += seconds ?? 0
    const way = before + (seconds ?? 0)
    ways.set(key, way)
    if (way > longest) longest = way
  }
  for (const [key, inputs] of work.inputs)
    add(
      key,
      inputs.reduce((most, input) => Math.max(most, ways.get(input) ?? 0), 0),
    )
  for (const key of open.keys()) if (!work.inputs.has(key)) add(key, 0)
  const seconds = Math.max(longest, sum / Math.max(1, work.slots, running.size))
  return seconds > 0 ? { seconds, isLeast } : undefined
}

/** Time left for a node: from its own progress count if it reports one, else from its earlier duration. */
const restOf = (before: number | null, running: Running | undefined, now: number): number | undefined => {
  if (running !== undefined) {
    const { first, done, total, items } = running
    if (typeof items?.secondsLeft === 'number') return Math.max(0, items.secondsLeft - (now - items.at) / 1000)
    if (first !== undefined && done !== undefined && total !== undefined && done > first.done && now > first.at)
      return (Math.max(0, total - done) * (now - first.at)) / (done - first.done) / 1000
  }
  if (before === null) return undefined
  return running === undefined ? before : Math.max(0, before - Math.max(0, now - running.since) / 1000)
}

/** `about 12 s left`, `at least 4 min left`, `about 2 h 10 min left`: no more digits than the estimate is worth. */
export const timeLeftText = ({ seconds, isLeast }: TimeLeft): string => {
  const rounded = seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : minutesText(seconds)
  return `${isLeast ? 'at least' : 'about'} ${rounded} left`
}

const minutesText = (seconds: number): string =>
  seconds < 3570 ? `${Math.round(seconds / 60)} min` : duration(Math.max(3600, seconds))
