import type { RunEvent } from '../../runtime/ports/events.js'
import type { Lacking } from '../../runtime/ports/facts.js'
import type { ItemsProgress } from '../../runtime/ports/items.js'
import type { Stale } from '../../runtime/ports/stale.js'
import { explain } from '../../explain.js'
import { itemsText } from '../live/items-text.js'
import { byteSize, clockTime, counted, duration } from './units.js'
import { oneLine } from './text-width.js'

/** An event in one line: what happened, to which node, and details. */
export interface EventLine {
  readonly verb: string
  readonly tone: 'good' | 'quiet' | 'warning' | 'bad'
  /** Full name; empty for events of the whole run. */
  readonly node: string
  readonly rest: string
}

/**
 * An event as text; undefined for events of no interest to a reader (a value dropped from memory, use of a result of
 * older code, and the end, which has its own summary).
 */
export const eventLine = <Tag extends RunEvent['_tag']>(
  event: RunEvent & { readonly _tag: Tag },
): EventLine | undefined => lines[event._tag]?.(event) // skips event types of newer versions

/** What a store's catalog was missing, and why. */
export const lackingText = ({ artifacts, because, refused }: Lacking): string =>
  `${counted(artifacts, 'run info')} read for it: ${lackingBecause[because]}${
    refused === undefined ? '' : `, and .catalog in the store cannot be written (${refused})`
  }`

const lackingBecause: { readonly [Because in Lacking['because']]: string } = {
  none: 'the store had none, or one of an earlier version',
  damaged: 'parts of it are damaged',
  newer: 'parts of it are of a later version',
  behind: 'it was behind the store',
}

const lines: {
  readonly [Tag in RunEvent['_tag']]: (event: RunEvent & { readonly _tag: Tag }) => EventLine | undefined
} = {
  planned: (event) => ({ verb: 'planned', tone: 'quiet', node: '', rest: plannedText(event) }),
  waiting: (event) => ({
    verb: 'waiting',
    tone: 'quiet',
    node: event.node,
    rest: `for ${holderText(event)}${event.unserved === true ? '' : ', which computes the same'}`,
  }),
  started: (event) => ({
    verb: 'started',
    tone: 'quiet',
    node: event.node,
    rest: event.attempt > 1 ? `attempt ${event.attempt}` : '',
  }),
  progress: (event) => ({
    verb: 'progress',
    tone: 'quiet',
    node: event.node,
    rest: progressText(event.done, event.total, event.items),
  }),
  retrying: (event) => ({
    verb: 'retrying',
    tone: 'warning',
    node: event.node,
    rest: `in ${duration(event.delay / 1000)}, attempt ${event.attempt}: ${oneLine(event.problem)}`,
  }),
  computed: (event) => ({
    verb: 'computed',
    tone: 'good',
    node: event.node,
    rest: `in ${duration(event.seconds)}${event.size === undefined ? '' : `, ${byteSize(event.size)}`}`,
  }),
  adopted: (event) => ({
    verb: 'adopted',
    tone: 'good',
    node: event.node,
    rest:
      event.formerly === undefined
        ? `${event.from}, made from equal contents in ${duration(event.seconds)}`
        : `from ${event.formerly}, made in ${duration(event.seconds)}`,
  }),
  loaded: (event) => ({ verb: 'loaded', tone: 'quiet', node: event.node, rest: `in ${duration(event.seconds)}` }),
  rebuilt: (event) => ({ verb: 'catalog', tone: 'quiet', node: '', rest: lackingText(event) }),
  missed: (event) => ({
    verb: 'missed',
    tone: 'warning',
    node: event.node,
    rest: `what is stored cannot be used (${oneLine(event.reason)}), computing it again`,
  }),
  drifted: (event) =>
    event.action === 'kept'
      ? undefined
      : { verb: 'drifted', tone: 'warning', node: event.node, rest: 'computed by older code, computing it again' },
  stale: (event) =>
    event.action === 'kept'
      ? undefined
      : { verb: 'stale', tone: 'quiet', node: event.node, rest: `made from another ${inputsText(event)}` },
  skipped: (event) => ({
    verb: 'skipped',
    tone: 'warning',
    node: event.node,
    rest: event.because.length === 0 ? 'because the run was stopped' : `because of ${event.because.join(', ')}`,
  }),
  unfinished: (event) => ({ verb: 'unfinished', tone: 'warning', node: event.node, rest: oneLine(event.reason) }),
  failed: (event) => ({
    verb: 'failed',
    tone: 'bad',
    node: event.node,
    rest: explain(event.error)
      .message.replace(`task '${event.node}' `, '')
      .replace(/^failed: /, ''),
  }),
  evicted: (event) => ({
    verb: 'evicted',
    tone: 'quiet',
    node: event.node,
    rest: `from memory, ${byteSize(event.bytes)}: the limit is reached`,
  }),
  released: () => undefined,
  ended: () => undefined,
}

/** The process that is waited for and, if known, its run and since when. */
export const holderText = ({ at, holder, run, since }: RunEvent & { readonly _tag: 'waiting' }): string => {
  const known = [
    ...(run === undefined ? [] : [`taskchain ${oneLine(run)}`]),
    ...(since === undefined ? [] : [`since ${clockTime(since, at)}`]),
  ]
  return `${oneLine(holder)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`
}

/** Counts results, as the summary of `plan` does; those kept only in memory are counted separately. */
const plannedText = ({ toRun, inMemory = [], toLoad, cached }: RunEvent & { readonly _tag: 'planned' }): string =>
  [
    `${toRun.length - inMemory.length} to run`,
    ...(inMemory.length > 0 ? [`${inMemory.length} in memory`] : []),
    `${toLoad.length} to load`,
    `${cached} cached`,
  ].join(', ')

/** `34 %`, or a count if the total is unknown; for items also their rate and usage. */
export const progressText = (done: number, total: number | undefined, items?: ItemsProgress): string =>
  [
    total === undefined || total <= 0
      ? counted(done, 'item')
      : `${Math.floor((100 * Math.min(done, total)) / total)} % (${done}/${total})`,
    ...(items === undefined ? [] : [itemsText(items)]),
  ]
    .filter((part) => part !== '')
    .join(', ')

/** The line for output that is not a terminal. */
export const plainEventLine = ({ verb, node, rest }: EventLine): string =>
  [verb, rest !== '' && sentences.includes(verb) ? `${node}:` : node, rest].filter((part) => part !== '').join(' ')

const inputsText = ({ because }: Stale): string => because.map(({ input }) => input).join(', ')

/** Verbs whose details are a full sentence. */
const sentences: readonly string[] = ['missed', 'drifted', 'unfinished', 'failed']

/** When each node was last reported: a pipe gets progress every five seconds, not a thousand times. */
export type LastLines = ReadonlyMap<string, number>
const quietMilliseconds = 5000

/**
 * The next line for a pipe, if the event deserves one, and the updated memory. Needs `isVerbose` for loaded results.
 */
export const nextLine = (
  last: LastLines,
  event: RunEvent,
  isVerbose = false,
): readonly [LastLines, string | undefined] => {
  const line = eventLine(event)
  if (line === undefined) return [last, undefined]
  const { node } = line
  if (event._tag === 'progress' && event.at - (last.get(node) ?? -Infinity) < quietMilliseconds)
    return [last, undefined]
  const stillRuns = event._tag === 'progress' || event._tag === 'started' || event._tag === 'waiting'
  const isQuiet = event._tag === 'loaded' && !isVerbose && !last.has(node) // those waited for are always reported
  return [
    stillRuns
      ? new Map(last).set(node, event.at)
      : last.has(node)
        ? new Map([...last].filter(([other]) => other !== node))
        : last,
    isQuiet ? undefined : plainEventLine(line),
  ]
}
