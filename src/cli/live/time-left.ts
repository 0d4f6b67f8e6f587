import { inputIds } from '../../plan/plan-graph.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { RunEvent } from '../../runtime/ports/events.js'
import type { ItemsProgress } from '../../runtime/ports/items.js'
import { duration } from '../render/units.js'

/** A graph of results by key, as far as the time left is told from it: what each reads, inputs before readers. */
export interface WorkAhead {
  readonly inputs: ReadonlyMap<string, readonly string[]>
  /** Nodes at once. */
  readonly slots: number
}

/** The work of a plan. */
export const workOf = (nodes: readonly PlanNode[], slots: number): WorkAhead => {
  const keys = new Map(nodes.map(({ id, key }) => [id, key]))
  return { slots, inputs: new Map(nodes.map((node) => [node.key, inputIds(node).map((id) => keys.get(id) ?? id)])) }
}

/** A node that is being made. */
export interface Running {
  readonly key: string
  readonly since: number
  readonly attempt: number
  readonly done: number | undefined
  readonly total: number | undefined
  /** How far its items are, as said at a time. */
  readonly items: ({ readonly at: number } & ItemsProgress) | undefined
  /** The first count that it gave: what it has not done in this run is no measure. */
  readonly first: { readonly at: number; readonly done: number } | undefined
}

/** `isLeast`: of something that is to be computed nobody knows how long it takes. */
export interface TimeLeft {
  readonly seconds: number
  readonly isLeast: boolean
}

/** Seconds that what is not over took before, by key; null where nobody knows. */
export type Open = ReadonlyMap<string, number | null>

/** Takes an event into what is open, in place: a run has thousands. */
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
 * How long a run goes on, told from how long results took before: the work for each slot, and no less than the longest
 * way through the graph. Undefined where nothing is known, or all that runs takes longer than it did.
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

/** What is left of a node: by its own count where it gives one, else by how long it took. */
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

/** `about 12 s left`, `at least 4 min left`, `about 2 h 10 min left`: no more digits than it is good for. */
export const timeLeftText = ({ seconds, isLeast }: TimeLeft): string => {
  const rounded = seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : minutesText(seconds)
  return `${isLeast ? 'at least' : 'about'} ${rounded} left`
}

const minutesText = (seconds: number): string =>
  seconds < 3570 ? `${Math.round(seconds / 60)} min` : duration(Math.max(3600, seconds))
