import { isNonEmpty } from '../../base/non-empty.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { setOrigin } from '../../config/context.js'
import { sortedErrors } from '../../config/problem-order.js'
import { warningsBeside, withWarnings, type PlanError, type PlanWarning } from '../../errors.js'
import type { Plan } from '../plan-types.js'

/** Which values that no task reads are errors; the others are warnings. */
export interface Unread {
  /** Those of `set`. */
  readonly set?: boolean
  /** Those of configs: in a strict project. */
  readonly configs?: boolean
  /** Those of contexts: likewise. */
  readonly contexts?: boolean
}

type Planned = E.Either<NonEmptyArray<PlanError>, Plan>

/**
 * A plan whose unread values count as errors, but for those that `forgiven` says.
 *
 * @example refuseUnread(planned, { set: true, configs: project.strict })
 */
export const refuseUnread = (
  planned: Planned,
  unread: Unread,
  forgiven: (warning: PlanWarning) => boolean = () => false,
): Planned => {
  const warnings = warningsOf(planned)
  const refused = warnings.flatMap((warning) => (forgiven(warning) ? [] : unreadError(warning, unread)))
  const errors = [...sortedErrors([...(E.isLeft(planned) ? planned.left : []), ...refused])]
  if (refused.length === 0 || !isNonEmpty(errors)) return planned
  return E.left(
    withWarnings(
      errors,
      warnings.filter((warning) => forgiven(warning) || unreadError(warning, unread).length === 0),
    ),
  )
}

/**
 * The same for chains that share `set` and contexts: what one of them reads is read. `ownNames` are those that only one
 * chain was given.
 */
export const refuseUnreadByAll = (
  planned: readonly Planned[],
  unread: Unread,
  ownNames: (index: number) => readonly string[],
): readonly Planned[] => {
  const counts = new Map<string, number>()
  for (const one of planned)
    for (const warning of warningsOf(one))
      if (warning._tag === 'UnusedContextValue') counts.set(idOf(warning), (counts.get(idOf(warning)) ?? 0) + 1)
  const readByOthers = (warning: PlanWarning): boolean =>
    warning._tag === 'UnusedContextValue' && counts.get(idOf(warning)) !== planned.length
  return planned.map((one, index) =>
    refuseUnread(
      one,
      unread,
      (warning) => readByOthers(warning) && !('name' in warning && ownNames(index).includes(warning.name)),
    ),
  )
}

const warningsOf = (planned: Planned): readonly PlanWarning[] =>
  E.isLeft(planned) ? warningsBeside(planned.left) : planned.right.warnings

const idOf = ({ name, place }: PlanWarning & { readonly _tag: 'UnusedContextValue' }): string =>
  JSON.stringify([name, place])

const unreadError = (warning: PlanWarning, { set, configs, contexts }: Unread): readonly PlanError[] => {
  if (warning._tag === 'UnusedValue') return configs === true ? [{ ...warning, _tag: 'UnreadValue', of: 'config' }] : []
  if (warning._tag !== 'UnusedContextValue') return []
  const isSet = warning.place.origin === setOrigin
  return (isSet ? set : contexts) === true
    ? [{ ...warning, _tag: 'UnreadValue', of: isSet ? 'set' : 'context', elsewhere: [] }]
    : []
}
