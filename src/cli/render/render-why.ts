import { changedParts } from '../../plan/inspect/changed-parts.js'
import type { InputDifference, ParamDifference } from '../../plan/inspect/differences.js'
import type { Cause, Reason } from '../../plan/inspect/root-causes.js'
import type { Trouble, Why } from '../../runtime/chain/why-node.js'
import type { Paint } from '../host.js'
import { firstOf, originText, partName, valueText } from './render-change.js'
import { stateWords } from './render-plan.js'
import { oneLine } from './text-width.js'
import { counted, duration, shortTime, timeText } from './units.js'

/**
 * Why a node is or is not recomputed, as text: its state, root causes with places, and the result it was compared with.
 */
export const whyLines = (why: Why, paint: Paint): readonly string[] => {
  const took =
    why.seconds === undefined
      ? ''
      : why.state === 'cached'
        ? `, took ${duration(why.seconds)}`
        : `, took ${duration(why.seconds)} before`
  const when = why.nearest === undefined && why.ended !== undefined ? ` on ${timeText(why.ended)}` : ''
  return [
    `${paint.bold(why.node)}` +
      `  ${(why.state === 'cached' ? paint.green : paint.yellow)(stateWords[why.state])}${took}${when}`,
    ...adoptedLines(why, paint),
    ...troubleLines(why, paint),
    ...refreshLines(why, paint),
    ...driftLines(why, paint),
    ...staleLines(why, paint),
    ...causeLines(why.causes, paint),
    ...comparedLines(why, paint),
  ]
}

const troubleWords: Readonly<Record<Trouble['reason'], string>> = {
  forced: 'it is forced in this chain',
  stale: 'it is marked as stale: by force, or because a process was killed while replacing it',
  'no data': 'its data is missing, only its run info is there',
  'no run info': 'its run info is missing, only its data is there',
  'other format': 'it is stored in another format',
  'size differs': 'its data does not have the size that its run info states',
  damaged: 'its data is damaged',
  'unreadable run info': 'its run info cannot be read',
  unfinished: 'an earlier run stopped before it was finished; the next one continues',
  'older code': 'it was computed by older code',
  'due for refresh': 'its task reads the world, and it is due for refresh',
}

/** What is wrong with an artifact, as text. */
export const troubleText = ({ reason, detail }: Trouble): string =>
  `${troubleWords[reason]}${detail === undefined ? '' : `: ${oneLine(detail)}`}`

const troubleLines = ({ trouble, state }: Why, paint: Paint): readonly string[] => {
  if (trouble !== undefined) return ['', 'because', `  ${troubleText(trouble)}`]
  return state === 'in_memory'
    ? [paint.dim('  it is kept in memory only: it runs where something that must run reads it')]
    : []
}

/** Times are those of the run that computed the result. */
const adoptedLines = ({ adopted, former }: Why, paint: Paint): readonly string[] => {
  if (former !== undefined)
    return [paint.dim(`  adopted from ${former.formerly}: stored as ${former.key}; a run adopts it`)]
  if (adopted === undefined) return []
  const { key, at, formerly } = adopted
  return [
    paint.dim(
      formerly === undefined
        ? `  computed as ${key}; taken over from there on ${timeText(at)}, made from equal contents`
        : `  adopted from ${formerly}: computed as ${key}, taken over from there on ${timeText(at)}`,
    ),
  ]
}

const refreshLines = ({ refresh, trouble }: Why, paint: Paint): readonly string[] =>
  refresh === undefined || trouble !== undefined
    ? []
    : [
        paint.dim(
          refresh.next === undefined
            ? '  due for refresh with every run'
            : `  due for refresh from ${shortTime(refresh.next)}`,
        ),
      ]

const driftLines = ({ node, drifted, trouble }: Why, paint: Paint): readonly string[] =>
  drifted
    .filter((one) => one.node !== node || trouble?.reason !== 'older code' || !one.above)
    .map(
      (one) =>
        `  ${one.node === node ? 'its code' : `the code of ${one.node}`} has changed since ${timeText(one.ended)}` +
        (one.action === 'kept' ? paint.dim(`; it is still used: 'force' computes it again, 'bless' accepts it`) : ''),
    )

const staleLines = ({ stale }: Why, paint: Paint): readonly string[] =>
  stale === undefined
    ? []
    : [
        '',
        'because',
        ...stale.because.map(
          ({ input, read, now }) =>
            `  ${paint.cyan(input)}  is ${now.slice(0, 12)}, read was ${read.slice(0, 12)} (SHA-256 of its content)`,
        ),
        ...(stale.action === 'kept' ? [paint.dim("  it is still used: the project says onStale: 'warn'")] : []),
      ]

const causeLines = (causes: readonly Cause[], paint: Paint): readonly string[] => {
  if (causes.length === 0) return []
  const merged = together(causes)
  const lines = merged.slice(0, maxCauses).flatMap(({ nodes, reason, via }) => {
    const way = via.length > 1 ? [paint.dim(`    by way of ${[...via].reverse().slice(1).join(' → ')}`)] : []
    return [
      ...reasonTexts(reason).map((text) => `  ${paint.cyan(firstOf(nodes, 3))}  ${text}`),
      ...placesOf(reason).map((place) => `    ${place}`),
      ...way,
    ]
  })
  return [
    '',
    'because',
    ...lines,
    ...(merged.length > maxCauses ? [`  and ${merged.length - maxCauses} more causes`] : []),
  ]
}

/** A config value that several tasks read is a single cause; `via` is that of the nearest task. */
const together = (causes: readonly Cause[]): readonly (Cause & { readonly nodes: readonly string[] })[] => {
  const merged = new Map<string, Cause & { readonly nodes: string[] }>()
  for (const [position, cause] of causes.entries()) {
    const isShared = cause.reason._tag === 'Param' && cause.reason.origin !== undefined
    const text = isShared ? [...reasonTexts(cause.reason), ...placesOf(cause.reason)].join('\n') : String(position)
    const known = merged.get(text)
    if (known === undefined) merged.set(text, { ...cause, nodes: [cause.node] })
    else known.nodes.push(cause.node)
  }
  return [...merged.values()]
}

const maxCauses = 20

const comparedLines = ({ nearest, candidates, task, causes }: Why, paint: Paint): readonly string[] => {
  if (nearest === undefined) return []
  const from = nearest.ended === undefined ? '' : ` of ${timeText(nearest.ended)}`
  return causes.length === 0
    ? []
    : ['', paint.dim(`compared with ${nearest.key}${from}, the nearest of ${counted(candidates, 'result')} of ${task}`)]
}

/** A reason as text; several lines if a value differs in several places. */
const reasonTexts = (reason: Reason): readonly string[] => {
  switch (reason._tag) {
    case 'Param':
      return paramTexts(reason)
    case 'Input':
      return [inputText(reason)]
    case 'Version':
      return [`version is ${reason.after ?? 'none'}, was ${reason.before ?? 'none'}`]
    case 'Scheme':
      return [`keys are made in another way now (scheme ${reason.after}, was ${reason.before})`]
    case 'NeverComputed':
      return ['was never computed, with any values']
    case 'Forgotten':
      return [`read was another result, ${reason.before}; what that was made from is not known any more`]
  }
}

const paramTexts = ({ name, before, after }: ParamDifference): readonly string[] => {
  if (after === undefined) return [`${name} is not in the key any more, was ${valueText(before)}`]
  if (before === undefined) return [`${name} is ${valueText(after)}, was not in the key`]
  return changedParts(before, after).map((part) => {
    const now = part.after === undefined ? 'gone' : valueText(part.after)
    const then = part.before === undefined ? 'not there' : valueText(part.before)
    return `${partName(name, part)} is ${now}, was ${then}`
  })
}

const inputText = ({ role, recordKey, before, after, node }: InputDifference): string => {
  const name = `input ${role}${recordKey === undefined ? '' : ` ${recordKey}`}`
  if (after === undefined) return `${name} is gone, read ${before?.task ?? ''} before`
  if (before === undefined) return `${name} is new, reads ${node ?? after.task}`
  return before.task === after.task
    ? `${name} reads another result of ${after.task}`
    : `${name} reads ${node ?? after.task}, read ${before.task} before`
}

/** Places of the values: now, and in the other plan if there is one. */
const placesOf = (reason: Reason): readonly string[] => {
  if (reason._tag !== 'Param') return []
  const now = originText(reason.origin)
  const before = reason.originBefore === undefined ? undefined : originText(reason.originBefore)
  return before === undefined || before === now ? [now] : [`${now}, before ${before}`]
}
