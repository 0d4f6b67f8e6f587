import { makePriorityQueue, type PriorityQueue } from './priority-queue.js'

/**
 * Ready units, and which of them starts next: units that need the same resources wait in one line, and only the first
 * of each line is considered.
 */

/** Amounts of resources by name. */
export type Needs = Readonly<Record<string, number>>

/** The needs of most units. */
export const nothing: Needs = Object.freeze({})

/** The parts of a unit used here. */
interface Ready {
  readonly stage: string
  /** Seconds of the longest path from its start to the end of the run. */
  readonly ahead: number
  readonly needs: Needs
  reportedShort: boolean
}

/** Units with equal needs. */
interface Line<One> {
  readonly needs: Needs
  /** By priority: deeper first. */
  readonly inOrder: PriorityQueue<One>
  /** By the path ahead: the longest path to the end of the run first. */
  readonly byWay: PriorityQueue<One>
  /** The scheduler turn since which its first unit has been waiting for resources; undefined if it is not. */
  since: number | undefined
}

export interface ReadyLines<One> {
  readonly push: (unit: One, priority: number) => void
  /** The next unit, whatever it needs: for a run that is stopping. */
  readonly popAny: () => One | undefined
  /**
   * The next unit whose needs are met. A unit that waits for a resource reserves it: later units that need it too wait
   * behind.
   */
  readonly pop: (room: Room) => Next<One>
}

export interface Next<One> {
  readonly unit: One | undefined
  /** Units that have to wait from now on, and for what; each is reported once. */
  readonly short: readonly Short<One>[]
}

export interface Short<One> {
  readonly unit: One
  readonly of: readonly string[]
}

export interface Room {
  readonly free: ReadonlyMap<string, number>
  /** Resources that other units already wait for. */
  readonly reserved: ReadonlySet<string>
  /** A unit with a path of at least this many seconds is the longest one left: it must not wait. */
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
      const plain = lines.size === 1 ? lines.get('') : undefined
      if (plain !== undefined) return { unit: firstOf(plain, urgentFrom), short: noShort } // nothing needs any resource
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
          if (!unit.reportedShort) short.push({ unit, of: lacking })
          unit.reportedShort = true
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

/** Lines whose first unit is waiting, the oldest first; then the others. */
const byAge = <One>(lines: Iterable<Line<One>>): readonly Line<One>[] =>
  [...lines].toSorted((one, other) => (one.since ?? Infinity) - (other.since ?? Infinity) || 0)

/** A unit is in both queues of its line: it leaves the second one when it is met there. */
const firstReady = <One extends Ready>(queue: PriorityQueue<One>): One | undefined => {
  for (let entry = queue.first(); entry !== undefined; entry = queue.first()) {
    if (entry.item.stage === 'ready') return entry.item
    queue.pop()
  }
  return undefined
}

const none: readonly string[] = []
const noShort: readonly never[] = []

/** Which of its needs are not free, or are reserved for others. */
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
