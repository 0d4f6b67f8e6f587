import type { RunEvent } from '../../runtime/ports/events.js'
import type { Paint } from '../host.js'
import { eventLine, holderText, progressText } from './render-events.js'
import { cut, cutMiddle, textWidth } from './text-width.js'
import { timeLeftText, type Running, type TimeLeft } from '../live/time-left.js'
import { duration } from './units.js'

/** The progress of a run, as needed to draw it. */
export interface Progress {
  readonly startedAt: number | undefined
  readonly toRun: number
  readonly computed: number
  /** Neither computed nor failed: adopted, or computed by another process in the meantime. */
  readonly elsewhere: number
  readonly loaded: number
  readonly cached: number
  readonly failed: number
  readonly skipped: number
  readonly running: ReadonlyMap<string, Running>
  /** Processes that are waited for, by node. */
  readonly waiting: ReadonlyMap<string, string>
  /** Earlier durations in seconds of nodes that are to run, by key. */
  readonly earlier: Readonly<Record<string, number | null>>
  /** Ctrl-C was pressed. */
  readonly stopping: boolean
}

export const noProgress: Progress = {
  startedAt: undefined,
  toRun: 0,
  computed: 0,
  elsewhere: 0,
  loaded: 0,
  cached: 0,
  failed: 0,
  skipped: 0,
  running: new Map(),
  waiting: new Map(),
  earlier: {},
  stopping: false,
}

/** The state after an event. */
export const afterEvent = (state: Progress, event: RunEvent): Progress => {
  switch (event._tag) {
    case 'planned':
      return {
        ...state,
        startedAt: event.at,
        toRun: event.toRun.length,
        cached: event.cached,
        earlier: event.earlier ?? {},
      }
    case 'waiting':
      return { ...state, waiting: including(state.waiting, event.node, holderText(event)) }
    case 'started':
      return {
        ...state,
        waiting: without(state.waiting, event.node),
        running: including(state.running, event.node, {
          key: event.key,
          since: event.at,
          attempt: event.attempt,
          done: undefined,
          total: undefined,
          items: undefined,
          first: undefined,
        }),
      }
    case 'progress': {
      const running = state.running.get(event.node)
      return running === undefined
        ? state
        : {
            ...state,
            running: including(state.running, event.node, {
              ...running,
              done: event.done,
              total: event.total,
              items: event.items === undefined ? undefined : { at: event.at, ...event.items },
              first: running.first ?? { at: event.at, done: event.done },
            }),
          }
    }
    case 'computed':
      return { ...gone(state, event.node), computed: state.computed + 1 }
    case 'adopted':
      return { ...gone(state, event.node), elsewhere: state.elsewhere + 1 }
    case 'loaded': {
      const isLate = state.waiting.has(event.node)
      return {
        ...gone(state, event.node),
        loaded: state.loaded + (isLate ? 0 : 1),
        elsewhere: state.elsewhere + (isLate ? 1 : 0),
      }
    }
    case 'skipped':
      return { ...gone(state, event.node), skipped: state.skipped + 1 }
    case 'failed':
      return { ...gone(state, event.node), failed: state.failed + 1 }
    case 'unfinished':
      return gone(state, event.node)
    default:
      return state
  }
}

const gone = (state: Progress, node: string): Progress => ({
  ...state,
  running: without(state.running, node),
  waiting: without(state.waiting, node),
})
const including = <Value>(map: ReadonlyMap<string, Value>, key: string, value: Value): ReadonlyMap<string, Value> =>
  new Map(map).set(key, value)
const without = <Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> => {
  if (!map.has(key)) return map
  const rest = new Map(map)
  rest.delete(key)
  return rest
}

export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Milliseconds since 1970, the clock of the events. */
  readonly now: number
  readonly paint: Paint
  readonly left?: TimeLeft | undefined
}

const maxLines = 10
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** The block that is redrawn in place: a bar, then running nodes, longest first. Never exceeds the screen. */
export const progressLines = (state: Progress, screen: Screen): readonly string[] => {
  if (state.startedAt === undefined) return []
  const width = Math.max(1, screen.columns - 1)
  const most = Math.max(0, Math.min(maxLines, screen.rows - 1) - 1)
  const tasks = [
    ...[...state.running]
      .sort(([, left], [, right]) => left.since - right.since)
      .map(([node, running]) => runningLine(node, running, state.earlier[running.key], screen, width)),
    ...[...state.waiting].map(([node, holder]) => screen.paint.dim(cut(`  · ${node}  waits for ${holder}`, width))),
  ]
  const shown =
    tasks.length <= most
      ? tasks
      : [
          ...tasks.slice(0, Math.max(0, most - 1)),
          ...(most > 0 ? [screen.paint.dim(cut(`    and ${tasks.length - most + 1} more`, width))] : []),
        ]
  return [barLine(state, state.startedAt, screen, width), ...shown]
}

const barLine = (state: Progress, startedAt: number, screen: Screen, width: number): string => {
  const { paint } = screen
  const done = state.computed + state.elsewhere + state.failed + state.skipped
  const total = Math.max(state.toRun, done)
  const reused = [
    ...(state.loaded > 0 ? [`${state.loaded} loaded`] : []),
    ...(state.cached > 0 ? [`${state.cached} cached`] : []),
  ]
  const others = [
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    ...(state.skipped > 0 ? [`${state.skipped} skipped`] : []),
    duration(Math.max(0, screen.now - startedAt) / 1000),
    ...(state.stopping
      ? ['stopping; Ctrl-C again to stop at once']
      : screen.left === undefined
        ? []
        : [timeLeftText(screen.left)]),
  ]
  const whole = [`${done}/${total}`, ...reused, ...others].join(' · ')
  const text = textWidth(whole) < width ? whole : [`${done}/${total}`, ...others].join(' · ')
  const barWidth = Math.min(24, width - textWidth(text) - 2)
  if (barWidth < 4) return cut(text, width)
  const full = total === 0 ? barWidth : Math.floor((barWidth * done) / total)
  const colour = state.failed > 0 ? paint.red : paint.green
  const bar = `${colour('█'.repeat(full))}${paint.dim('░'.repeat(barWidth - full))}`
  return `${bar}  ${state.failed > 0 || state.stopping ? paint.yellow(text) : text}`
}

const runningLine = (
  node: string,
  running: Running,
  earlier: number | null | undefined,
  screen: Screen,
  width: number,
): string => {
  const frame = frames[Math.floor(Math.max(0, screen.now) / 100) % frames.length] ?? frames[0]
  const facts = [
    `${duration(Math.max(0, screen.now - running.since) / 1000)}${
      typeof earlier === 'number' && earlier >= 1 ? ` of about ${duration(earlier)}` : ''
    }`,
    ...(running.done === undefined ? [] : [progressText(running.done, running.total, running.items)]),
    ...(running.attempt > 1 ? [`attempt ${running.attempt}`] : []),
  ].join('  ')
  const name = cutMiddle(node, Math.max(8, width - textWidth(facts) - 6))
  const line = cut(`  ${frame} ${name}  ${facts}`, width)
  const [before, after] = [line.slice(0, 4 + name.length), line.slice(4 + name.length)]
  return `${before}${screen.paint.dim(after)}`
}

/** Runs of up to this many nodes print a line for each; larger ones only for nodes that took a second or more. */
const fewNodes = 60

/** The permanent line that an event leaves above the block; undefined for most events. */
export const lastingLine = (state: Progress, event: RunEvent, paint: Paint, isVerbose = false): string | undefined => {
  const line = eventLine(event)
  if (line === undefined || !(lasts(state, event) || (isVerbose && event._tag === 'loaded'))) return undefined
  const verb = { good: paint.green, quiet: paint.dim, warning: paint.yellow, bad: paint.red }[line.tone](
    line.verb.padEnd(8),
  )
  return `${verb}  ${line.node}${line.rest === '' ? '' : `  ${paint.dim(line.rest)}`}`
}

const lasts = (state: Progress, event: RunEvent): boolean => {
  switch (event._tag) {
    case 'computed':
      return event.size !== undefined && (state.toRun <= fewNodes || event.seconds >= 1)
    case 'retrying':
    case 'missed':
    case 'unfinished':
    case 'failed':
      return true
    default:
      return false
  }
}
