import { advance } from '../../../src/runtime/engine/schedule.js'
import { makeSchedule, type ScheduleOptions } from '../../../src/runtime/engine/schedule-state.js'
import type { Fact, Order, Want } from '../../../src/runtime/engine/schedule-types.js'
import type { Result, SeenStanding } from '../../../src/runtime/ports/node-words.js'

/**
 * What the simulated outside is like, by node. Everything has a default: a world of nothing computes every node in no
 * time.
 */
export interface World {
  readonly standing?: (node: number) => SeenStanding
  readonly outcome?: (node: number) => 'computed' | 'failed' | 'unfinished'
  /** What a stored value turns out to be when it is loaded. */
  readonly load?: (node: number) => 'loaded' | 'missed'
  /** The input whose artifact is found damaged, once, when the node has run. */
  readonly damagedInput?: (node: number) => number | undefined
  /** Nodes that a running node asks for, one after the other. */
  readonly asks?: (node: number) => readonly number[]
  readonly computedAs?: (node: number) => Want
  /** Whether somebody else holds a node's lease first. */
  readonly held?: (node: number) => boolean
  readonly duration?: (node: number) => number
}

export interface Simulation extends Pick<ScheduleOptions, 'graph' | 'limit'> {
  readonly options?: Partial<ScheduleOptions>
  readonly targets: readonly { readonly node: number; readonly want: Want }[]
  readonly world?: World
  /** Which of the answers that are due at one time comes first: 0 to n - 1. Default: the oldest. */
  readonly choose?: (n: number) => number
  /** The run is told to stop after so many facts. */
  readonly stopAfter?: number
}

/** One line of what happened, with nodes instead of units. */
export interface Step {
  readonly order: Order
  readonly node: number
  readonly time: number
  readonly running: number
  /** What is left of each resource. */
  readonly free: Readonly<Record<string, number>>
}

export interface Simulated {
  readonly steps: readonly Step[]
  readonly facts: readonly Fact[]
  readonly results: readonly Result[]
  readonly finished: boolean
  readonly time: number
  readonly peakRunning: number
  readonly peakValues: number
}

interface Due {
  readonly at: number
  readonly fact: Fact
}

/** Carries out a scheduler's orders on a virtual clock, without a promise: an interpreter that computes nothing. */
export const simulate = ({
  graph,
  limit,
  options = {},
  targets,
  world = {},
  choose = () => 0,
  stopAfter,
}: Simulation): Simulated => {
  const schedule = makeSchedule({ graph, limit, ...options })
  const due: Due[] = []
  const steps: Step[] = []
  const facts: Fact[] = []
  const results: Result[] = []
  const damaged = new Set<number>()
  const asked = new Map<number, number>()
  let time = 0
  let finished = false
  let peakRunning = 0
  let values = 0
  let peakValues = 0
  const nodeOf = (unit: number): number => schedule.units[unit]?.node ?? -1
  const later = (fact: Fact, after = 0): void => void due.push({ at: time + after, fact })

  const endOf = (unit: number, inputs: readonly number[]): Fact => {
    const node = nodeOf(unit)
    const outcome = world.outcome?.(node) ?? 'computed'
    const bad = world.damagedInput?.(node)
    if (outcome === 'computed' && bad !== undefined && !damaged.has(node)) {
      damaged.add(node)
      return { _tag: 'damaged', unit, artifacts: [bad], holders: inputs.filter((input) => nodeOf(input) === bad) }
    }
    return outcome === 'computed'
      ? { _tag: 'computed', unit, as: world.computedAs?.(node) ?? 'value' }
      : { _tag: outcome, unit }
  }

  /** A running unit asks for the next node, or ends. */
  const goOn = (unit: number, inputs: readonly number[]): void => {
    const node = nodeOf(unit)
    const questions = world.asks?.(node) ?? []
    const at = asked.get(unit) ?? 0
    const next = questions[at]
    asked.set(unit, at + 1)
    if (next === undefined) later(endOf(unit, inputs), world.duration?.(node) ?? 0)
    else later({ _tag: 'asked', unit, token: at, node: next })
  }

  const inputsOf = new Map<number, readonly number[]>()
  const carryOut = (order: Order): void => {
    switch (order._tag) {
      case 'look':
        return later({
          _tag: 'found',
          units: order.units.map((unit) => ({ unit, standing: world.standing?.(nodeOf(unit)) ?? 'to_run' })),
        })
      case 'decide':
        return later({ _tag: 'found', units: [{ unit: order.unit, standing: 'cached' }] })
      case 'load':
        values++
        return later(
          schedule.units[order.unit]?.standing === 'to_run' ||
            (world.load?.(nodeOf(order.unit)) ?? 'loaded') === 'loaded'
            ? { _tag: 'loaded', unit: order.unit }
            : { _tag: 'missed', unit: order.unit },
        )
      case 'compute':
        values++
        inputsOf.set(order.unit, order.inputs)
        if (world.held?.(nodeOf(order.unit)) !== true) return goOn(order.unit, order.inputs)
        later({ _tag: 'waits', unit: order.unit, token: -1 })
        return later({ _tag: 'wakes', unit: order.unit, token: -1 }, 1)
      case 'resume':
      case 'lend':
      case 'refuse':
        return goOn(order.unit, inputsOf.get(order.unit) ?? [])
      case 'repair':
        return later({ _tag: 'repaired', unit: order.unit })
      case 'answer':
        results[order.target] = order.result
        return
      case 'release':
        values--
        return
      case 'finish':
        finished = true
        return
      default:
        return
    }
  }

  const feed = (fact: Fact): void => {
    facts.push(fact)
    for (const order of advance(schedule, fact)) {
      steps.push({
        order,
        node: 'unit' in order ? nodeOf(order.unit) : -1,
        time,
        running: schedule.running,
        free: Object.fromEntries(schedule.free),
      })
      carryOut(order)
    }
    peakRunning = Math.max(peakRunning, schedule.running)
    peakValues = Math.max(peakValues, values)
  }

  feed({ _tag: 'wanted', targets })
  let head = 0
  while (head < due.length) {
    if (facts.length - 1 === stopAfter) feed({ _tag: 'stop' })
    const next = takeNext(due, head, choose)
    head++
    time = Math.max(time, next.at)
    feed(next.fact)
  }
  return { steps, facts, results, finished, time, peakRunning, peakValues }
}

/** Moves the answer that is to come next to the head. A wait is never overtaken by its own end. */
const takeNext = (due: Due[], head: number, choose: (n: number) => number): Due => {
  let earliest = head
  let isSorted = true
  for (let at = head; at < due.length && at < head + 64; at++) {
    if ((due[at] as Due).at < (due[earliest] as Due).at) earliest = at
    if ((due[at] as Due).at !== (due[head] as Due).at) isSorted = false
  }
  const window = Math.min(due.length - head, 64)
  const picked = isSorted ? head + (choose(window) % window) : earliest
  const moved = isWait(due, head, picked) ? head : picked
  const found = due[moved] as Due
  for (let at = moved; at > head; at--) due[at] = due[at - 1] as Due
  due[head] = found
  return found
}

const isWait = (due: readonly Due[], head: number, picked: number): boolean => {
  const { fact } = due[picked] as Due
  return (
    fact._tag === 'wakes' &&
    due.slice(head, picked).some((other) => other.fact._tag === 'waits' && other.fact.unit === fact.unit)
  )
}
