import type { TransferReport } from '../../runtime/upkeep/transfer/transfer.js'
import type { Wanted } from '../../runtime/upkeep/transfer/transfer-plan.js'
import type { Paint } from '../host.js'
import { byteSize, counted } from './units.js'

/** The progress of a push or a pull, on one line. */
export const progressLine = ({
  done,
  all,
  bytes,
}: {
  readonly done: number
  readonly all: number
  readonly bytes: number
}): string => `${done} of ${counted(all, 'artifact')}, ${byteSize(bytes)}`

/** The outcome of a push or a pull: failures artifact by artifact, everything else as totals. */
export const transferLines = (
  direction: 'push' | 'pull',
  store: string,
  { plan, outcomes, stopped }: TransferReport,
  paint: Paint,
): readonly string[] => {
  const copied = outcomes.flatMap(({ outcome }) => (outcome._tag === 'copied' ? [outcome.bytes] : []))
  const there = plan.there.length + outcomes.filter(({ outcome }) => outcome._tag === 'there').length
  const bytes = copied.reduce((sum, one) => sum + one, 0)
  const [verb, place] = direction === 'push' ? ['pushed to', 'there'] : ['pulled from', 'here']
  const problems = outcomes.flatMap(({ artifact, outcome }) =>
    outcome._tag === 'damaged'
      ? [`${paint.red('damaged')}: ${nameOf(artifact)}: ${outcome.problem}; 'taskchain verify' sets it aside`]
      : outcome._tag === 'differs'
        ? [
            `${paint.red('differs')}: ${nameOf(artifact)}: the stores have different data under one key ` +
              `(${outcome.here.slice(0, 16)}, ${outcome.there.slice(0, 16)}); the task does not give the same twice`,
          ]
        : [],
  )
  const lacking = plan.lacking.length
  return [
    ...problems,
    `${whatWent(copied.length, bytes)} ${verb} ${store}` +
      `${there === 0 ? '' : `; ${there} ${there === 1 ? 'was' : 'were'} ${place} already`}` +
      `${lacking === 0 ? '' : `; ${lacking} not computed`}`,
    ...(stopped ? ['stopped before the end; the same command continues from there'] : []),
  ]
}

const nameOf = ({ folder, key }: Wanted): string => `${folder.replaceAll('/', ':')} ${key}`

const whatWent = (count: number, bytes: number): string =>
  count === 0 ? 'nothing' : `${counted(count, 'artifact')}, ${byteSize(bytes)}`
