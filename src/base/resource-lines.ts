import { makePriorityQueue, type PriorityQueue } from './priority-queue.js'

/**
 * Units that are ready, and which of them starts next: those that need the same resources wait in one line, and only
 * the first of each line is looked at.
 */

/** Amounts of resources by name. */
export type Needs = Readonly<Record<string, number>>

/** Of most units. */
export const nothing: Needs = Object.freeze({})

/** What of a unit counts here. */
interface Ready {
  readonly stage: string
  /** Seconds of the longest way from its start to the end of the run. */
  readonly ahead: number
  readonly needs: Needs
  toldShort: boolean
}

/** Units of equal needs. */
interface Line<One> {
  readonly needs: Needs
  /** By priority: deeper first. */
  readonly inOrder: PriorityQueue<One>
  /** By what is ahead of them: the longest way to the end of the run first. */
  readonly byWay: PriorityQueue<One>
  /** Since when its first waits for resources, in turns of the scheduler; undefined while it does not. */
  since: number | undefined
}

export interface ReadyLines<One> {
  readonly push: (unit: One, priority: number) => void
  /** The next one, whatever it needs: for a run that stops. */
  readonly popAny: () => One | undefined
  /**
   * The next one that has what it needs. One that waits for a resource reserves it: who came later and needs it too
   * waits behind.
   */
  readonly pop: (room: Room) => Next<One>
}

export interface Next<One> {
  readonly unit: One | undefined
  /** Units that have to wait from now on, and for what; each is told of once. */
  readonly short: readonly Short<One>[]
}

export interface Short<One> {
  readonly unit: One
  readonly of: readonly string[]
}

export interface Room {
  readonly free: ReadonlyMap<string, number>
  /** Resources that somebody else waits for already. */
  readonly reserved: ReadonlySet<string>
  /** A way of so many seconds is the longest thing that is left: it is not to wait. */
  readonly urgentFrom: number
}

export const makeReadyLines = <One extends Ready>(): ReadyLines<One> => {
  const lines = new Map<string, Line<One>>()
  let turns = 0
  const lineOf = ({ needs }: One): Line<One> => {
    const name = needs === nothing ? '' : Object.entries(needs).join(' ')
    const known = lines.get(name)
    if (known !== undefined) return known
    const line: Line<One> = { needs, inOrder: makePriorityQueue(), byWay: makePriorityQueue(), since: undefined }
    lines.set(name, line)
    return line
  }
  const firstOf = (line: Line<One>, urgentFrom: number): One | undefined => {
    const way = firstReady(line.byWay)
    return way !== undefined && way.ahead > 0 && way.ahead >= urgentFrom ? way : firstReady(line.inOrder)
  }
  return {
    push: (unit, priority) => {
      const line = lineOf(unit)
      line.inOrder.push(unit, priority)
      if (unit.ahead > 0) line.byWay.push(unit, unit.ahead)
    },
    popAny: () => {
      for (const { inOrder } of lines.values()) {
        const unit = firstReady(inOrder)
        if (unit !== undefined) return unit
      }
      return undefined
    },
    pop: ({ free, reserved, urgentFrom }) => {
      const short: Short<One>[] = []
      let held = reserved
      let best:
        | { readonly unit: One; readonly line: Line<One>; readonly isUrgent: boolean; readonly priority: number }
        | undefined
      for (const line of byAge(lines.values())) {
        const unit = firstOf(line, urgentFrom)
        if (unit === undefined) continue
        const lacking = lackingOf(line.needs, free, held)
        if (lacking.length > 0) {
          line.since ??= turns++
          held = new Set([...held, ...Object.keys(line.needs)])
          if (!unit.toldShort) short.push({ unit, of: lacking })
          unit.toldShort = true
          continue
        }
        if (line.since !== undefined) {
          line.since = undefined
          return { unit, short }
        }
        const isUrgent = unit.ahead > 0 && unit.ahead >= urgentFrom
        const priority = isUrgent ? unit.ahead : (line.inOrder.first()?.priority ?? 0)
        const isBetter =
          best === undefined || (isUrgent === best.isUrgent ? priority > best.priority : isUrgent && !best.isUrgent)
        if (isBetter) best = { unit, line, isUrgent, priority }
      }
      return { unit: best?.unit, short }
    },
  }
}

/** Lines whose first waits, the oldest first; then the others. */
const byAge = <One>(lines: Iterable<Line<One>>): readonly Line<One>[] =>
  [...lines].toSorted((one, other) => (one.since ?? Infinity) - (other.since ?? Infinity) || 0)

/** Units leave both queues of a line when they are met again. */
const firstReady = <One extends Ready>(queue: PriorityQueue<One>): One | undefined => {
  for (let entry = queue.first(); entry !== undefined; entry = queue.first()) {
    if (entry.item.stage === 'ready') return entry.item
    queue.pop()
  }
  return undefined
}

const none: readonly string[] = []

/** What of its needs is not free, or kept for others. */
export const lackingOf = (
  needs: Needs,
  free: ReadonlyMap<string, number>,
  reserved: ReadonlySet<string>,
): readonly string[] =>
  needs === nothing
    ? none
    : Object.entries(needs).flatMap(([name, amount]) =>
        reserved.has(name) || (free.get(name) ?? 0) < amount ? [name] : [],
      )
