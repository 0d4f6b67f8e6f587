import type { Place, PlanError, PlanWarning } from '../errors.js'

/** Errors by file and line, without duplicates, so that the order of discovery does not matter. */
export const sortedErrors = (errors: readonly PlanError[]): PlanError[] => sorted(errors)

/** The same for warnings. */
export const sortedWarnings = (warnings: readonly PlanWarning[]): readonly PlanWarning[] =>
  Object.freeze(sorted(warnings))

const sorted = <Problem extends PlanError | PlanWarning>(problems: readonly Problem[]): Problem[] => {
  const keyed = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...keyed]
    .sort(
      ([leftKey, left], [rightKey, right]) => byPlace(placeOf(left), placeOf(right)) || (leftKey < rightKey ? -1 : 1),
    )
    .map(([, problem]) => problem)
}

const placeOf = (problem: PlanError | PlanWarning): Place | undefined =>
  'place' in problem ? problem.place : undefined

const byPlace = (left: Place | undefined, right: Place | undefined): number => {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1
  return left.origin === right.origin
    ? left.line - right.line || left.column - right.column
    : left.origin < right.origin
      ? -1
      : 1
}
