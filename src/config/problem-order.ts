import type { Place, PlanError, PlanWarning } from '../errors.js'

/** Errors in the order of files and lines, each once: what was found first does not matter. */
export const sortedErrors = (errors: readonly PlanError[]): PlanError[] => sorted(errors)

/** Warnings likewise. */
export const sortedWarnings = (warnings: readonly PlanWarning[]): readonly PlanWarning[] =>
  Object.freeze(sorted(warnings))

const sorted = <Told extends PlanError | PlanWarning>(told: readonly Told[]): Told[] => {
  const keyed = new Map(told.map((one) => [JSON.stringify(one), one]))
  return [...keyed]
    .sort(
      ([leftKey, left], [rightKey, right]) => byPlace(placeOf(left), placeOf(right)) || (leftKey < rightKey ? -1 : 1),
    )
    .map(([, one]) => one)
}

const placeOf = (told: PlanError | PlanWarning): Place | undefined => ('place' in told ? told.place : undefined)

const byPlace = (left: Place | undefined, right: Place | undefined): number => {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1
  return left.origin === right.origin
    ? left.line - right.line || left.column - right.column
    : left.origin < right.origin
      ? -1
      : 1
}
