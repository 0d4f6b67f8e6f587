import type { StaleArtifact } from '../../runtime/upkeep/stale-artifacts.js'
import type { Collected, GarbageSurvey, Unreachable } from '../../runtime/upkeep/gc.js'
import type { Aside, StoredLease } from '../../runtime/ports/upkeep.js'
import type { Verified } from '../../runtime/upkeep/verify.js'
import type { Paint } from '../host.js'
import { tableLines } from './render-table.js'
import { harmless } from './text-width.js'
import { byteSize, counted, duration, shortTime } from './units.js'
import { messageOf } from '../../base/thrown.js'

/** Bytes and time to recompute of some artifacts; the time of `unknown` of them is unknown. */
export const sumsOf = (
  artifacts: readonly Unreachable[],
): { readonly bytes: number; readonly seconds: number; readonly unknown: number } => ({
  bytes: artifacts.reduce((sum, { bytes }) => sum + bytes, 0),
  seconds: artifacts.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
  unknown: artifacts.filter(({ seconds }) => seconds === undefined).length,
})

export interface GarbageReport {
  readonly survey: GarbageSurvey
  readonly goes: readonly Unreachable[]
  /** Leases of dead processes that were removed. */
  readonly removed: readonly StoredLease[]
  /** Undefined if nothing was to be moved. */
  readonly collected: Collected | undefined
  readonly now: number
  readonly isKnownTask: (folder: string) => boolean
  readonly maxBytes: number | undefined
}

/** What no config reaches, and what happens to it. */
export const garbageLines = (report: GarbageReport, paint: Paint, columns: number | undefined): readonly string[] => {
  const { survey, goes, removed, collected, maxBytes } = report
  const going = new Set(goes)
  const sums = sumsOf(goes)
  const all = sumsOf(survey.unreachable)
  const left = survey.reachable.bytes + all.bytes - sums.bytes
  return [
    ...(survey.unreachable.length === 0 ? [] : [...tableOf(report, going, paint, columns), '']),
    survey.unreachable.length === 0
      ? 'every artifact is reached by some config: ' +
        `${counted(survey.reachable.count, 'key')}, ${byteSize(survey.reachable.bytes)}`
      : `${counted(survey.unreachable.length, 'artifact')} that no config reaches, ${byteSize(all.bytes)}; ` +
        `${counted(survey.reachable.count, 'key')} reached, ${byteSize(survey.reachable.bytes)}`,
    ...contextLines(survey.unreachable),
    ...(survey.unreachable.length === 0
      ? []
      : collected === undefined
        ? [
            `${paint.bold(`${counted(goes.length, 'artifact')} would go`)}: ${lossText(sums)}; ` +
              `nothing was changed${goes.length === 0 ? '' : '; --yes moves them to the trash'}`,
          ]
        : movedLines(collected, paint)),
    ...(maxBytes !== undefined && left > maxBytes
      ? [`${byteSize(left)} remain, more than ${byteSize(maxBytes)}: what configs reach is never removed`]
      : []),
    ...(survey.foreign.length === 0
      ? []
      : [
          `${counted(survey.foreign.length, 'name')} without a run info left alone: ` +
            `no commit made them (${survey.foreign
              .slice(0, 3)
              .map(({ folder, key }) => harmless(`${folder}/${key}`))
              .join(', ')}${survey.foreign.length > 3 ? ', …' : ''})`,
        ]),
    ...leaseLines(survey.leases, removed, collected !== undefined),
    ...asideLines(survey.aside),
  ]
}

const leaseLines = (
  leases: readonly StoredLease[],
  removed: readonly StoredLease[],
  wasAsked: boolean,
): readonly string[] => {
  const line = (some: readonly StoredLease[], whose: string, then: string): readonly string[] =>
    some.length === 0
      ? []
      : [
          `${counted(some.length, 'lease')} of ${whose}${then}: ` +
            `${some.slice(0, 3).map(leaseText).join(', ')}${some.length > 3 ? ', …' : ''}`,
        ]
  const dead = leases.filter(({ life }) => life === 'dead')
  const whose = 'dead processes'
  if (wasAsked)
    return [
      ...line(removed, whose, ' removed'),
      ...line(
        dead.filter((lease) => !removed.includes(lease)),
        whose,
        ' could not be removed',
      ),
    ]
  return [
    ...line(dead, whose, ', which --yes removes'),
    ...line(
      leases.filter(({ life }) => life === 'unknown'),
      'processes elsewhere',
      ', which --yes removes if their heartbeats show that these are dead',
    ),
  ]
}

const leaseText = ({ folder, key, heldBy, reads }: StoredLease): string =>
  harmless(`${folder}/${key} (${reads ? 'read by ' : ''}process ${heldBy.pid} on ${heldBy.host})`)

const tableOf = (
  { survey, now, isKnownTask }: GarbageReport,
  going: ReadonlySet<Unreachable>,
  paint: Paint,
  columns: number | undefined,
): readonly string[] =>
  tableLines<Unreachable>(
    [
      { title: 'task', cell: ({ folder }) => harmless(folder) },
      { title: 'key', cell: ({ key }) => harmless(key.slice(0, 12)) },
      { title: 'size', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
      { title: 'age', cell: ({ made }) => duration(Math.max(0, (now - made) / 1000)), align: 'right' },
      { title: 'made', cell: ({ made }) => shortTime(new Date(made).toISOString()) },
      {
        title: 'to recompute',
        cell: ({ seconds }) => (seconds === undefined ? '?' : duration(seconds)),
        align: 'right',
      },
      { title: '', cell: (one) => remarkOf(one, going.has(one), isKnownTask), paint: (text) => paint.dim(text) },
    ],
    survey.unreachable.toSorted((left, right) =>
      `${left.folder} ${left.key}` < `${right.folder} ${right.key}` ? -1 : 1,
    ),
    { columns, paintTitle: (text) => paint.bold(text) },
  )

const remarkOf = (
  { heldBy, context, folder, stored }: Unreachable,
  goes: boolean,
  isKnownTask: GarbageReport['isKnownTask'],
): string =>
  [
    heldBy === undefined
      ? goes
        ? ''
        : 'may stay'
      : `being computed by process ${heldBy.pid} on ${harmless(heldBy.host)}`,
    stored.names.unfinished ? 'unfinished' : '',
    isKnownTask(folder) ? '' : 'no config has this task',
    context === undefined ? '' : `context ${harmless(context)}`,
  ]
    .filter((text) => text !== '')
    .join(', ')

const contextLines = (unreachable: readonly Unreachable[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const { context } of unreachable) if (context !== undefined) counts.set(context, (counts.get(context) ?? 0) + 1)
  return [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([context, count]) =>
        `  ${count} of them came from the context ${harmless(context)}; ` +
        `${context.includes('--set') ? 'a pin' : "'--context FILE' or a pin"} keeps what it reaches`,
    )
}

const lossText = ({ bytes, seconds, unknown }: ReturnType<typeof sumsOf>): string =>
  `${byteSize(bytes)}, ${duration(seconds)} to compute again${unknown === 0 ? '' : `, ${unknown} of unknown time`}`

const movedLines = ({ moved, busy, failed }: Collected, paint: Paint): readonly string[] => [
  `${paint.bold(`${counted(moved.length, 'artifact')} moved to the trash`)}: ${lossText(sumsOf(moved))}`,
  ...(busy.length === 0
    ? []
    : [`${counted(busy.length, 'artifact')} left alone: being computed or read, or computed anew meanwhile`]),
  ...failed.map(
    ({ artifact, cause }) =>
      `${paint.red('not moved')}  ${harmless(`${artifact.folder}/${artifact.key}`)}: ` +
      `${harmless(messageOf(cause))}`,
  ),
]

/** What was set aside earlier. */
export const asideLines = (aside: readonly Aside[]): readonly string[] =>
  (['trash', 'damaged'] as const).flatMap((place) => {
    const here = aside.filter((one) => one.place === place)
    const bytes = here.reduce((sum, one) => sum + one.bytes, 0)
    const files = here.reduce((sum, one) => sum + one.files, 0)
    return here.length === 0
      ? []
      : [
          `${place === 'trash' ? 'in the trash' : 'set aside as damaged'}: ` +
            `${counted(files, 'file')}, ${byteSize(bytes)}; 'taskchain gc --purge --yes' deletes them`,
        ]
  })

/** The outcome of verifying the whole store. */
export const verifyLines = (
  { checked, bytes, passedOver, sizesOnly, damage, unsure, missingViews }: Verified,
  paint: Paint,
): readonly string[] => [
  ...damage.flatMap(({ folder, key, kind, problem, setAside }) => [
    `${paint.red(kind)}  ${harmless(`${folder}/${key}`)}: ${harmless(problem)}`,
    ...(setAside ? [] : [paint.dim('    left where it is')]),
  ]),
  ...unsure.flatMap(({ folder, key, problem, heldBy }) => [
    `${paint.yellow('not sure')}  ${harmless(`${folder}/${key}`)}: ${harmless(problem)}`,
    paint.dim(
      `    held by ${heldBy === undefined ? 'several' : `process ${heldBy.pid} on ${harmless(heldBy.host)}`}, ` +
        'which may be writing it; run verify again once that has ended',
    ),
  ]),
  ...missingViews.map(
    ({ folder, key, extensions }) =>
      `${paint.yellow('view gone')}  ${harmless(`${folder}/${key}`)}: ` +
      `${extensions.map((extension) => `.${harmless(extension)}`).join(', ')}; the data is whole`,
  ),
  `${counted(checked, 'artifact')} read, ${byteSize(bytes)}` +
    `${passedOver === 0 ? '' : `; ${passedOver} without data to read`}: ${verdictOf({ damage, unsure }, paint)}`,
  ...(sizesOnly === 0
    ? []
    : [
        `${counted(sizesOnly, 'folder')} compared by names and sizes only: ` +
          'an earlier version recorded no checksum of contents',
      ]),
  ...(damage.some(({ setAside }) => setAside)
    ? ["damaged artifacts are set aside and recomputed when next requested; 'taskchain gc --purge --yes' deletes it"]
    : []),
]

/** Undamaged artifacts that were made from other contents than the current ones. */
export const staleLines = (stale: readonly StaleArtifact[], paint: Paint): readonly string[] => [
  ...stale.map(
    ({ folder, key, because }) =>
      `${paint.yellow('stale')}  ${harmless(`${folder}/${key}`)}: made from another ` +
      because.map((input) => harmless(`${input.folder}/${input.key.slice(0, 8)}`)).join(', '),
  ),
  ...(stale.length === 0
    ? []
    : [
        `${counted(stale.length, 'artifact')} stale: the content of inputs has changed; ` +
          'the next run of a config that has them recomputes them',
      ]),
]

const verdictOf = ({ damage, unsure }: Pick<Verified, 'damage' | 'unsure'>, paint: Paint): string => {
  if (damage.length === 0 && unsure.length === 0) return paint.green('all whole')
  const damaged = damage.length === 0 ? [] : [paint.red(`${counted(damage.length, 'artifact')} damaged`)]
  const open = unsure.length === 0 ? [] : [paint.yellow(`${counted(unsure.length, 'artifact')} could not be looked at`)]
  return [...damaged, ...open].join(', ')
}
