import { pushTo } from '../../base/grouping.js'
import type * as t from 'io-ts'
import { isChoice } from './codec.js'
import { objectProblemOf } from '../object.js'
import { tagOf } from '../../base/records.js'

/** Splits the errors io-ts reports for one value into separate problems, each with its position. */

/**
 * One error for each problem. A union reports the errors of each of its branches: only those of the intended branch
 * count, which is the one that names a class, otherwise the one that fits furthest.
 */
export const separateErrors = (errors: t.Errors, from = 0): t.Errors => {
  const separate: t.ValidationError[] = []
  const unions = new Map<string, { readonly at: number; readonly errors: t.ValidationError[] }>()
  for (const error of errors) {
    const at = error.context.findIndex(
      ({ type }, index) => index >= from && index < error.context.length - 1 && tagOf(type) === 'UnionType',
    )
    if (at < 0) separate.push(error)
    else {
      const path = error.context
        .slice(from, at + 1)
        .map(({ key }) => JSON.stringify(key))
        .join()
      const group = unions.get(path)
      if (group === undefined) unions.set(path, { at, errors: [error] })
      else group.errors.push(error)
    }
  }
  for (const { at, errors: missed } of unions.values())
    for (const error of errorsOfUnion(missed, at)) separate.push(error)
  return separate
}

const errorsOfUnion = (errors: t.Errors, at: number): t.Errors => {
  const branches = new Map<string | undefined, t.ValidationError[]>()
  for (const error of errors) {
    const branch = error.context[at + 1]?.key
    pushTo(branches, branch, error)
  }
  let meant: t.Errors = []
  for (const branch of branches.values()) if (meant.length === 0 || fits(branch) > fits(meant)) meant = branch
  const [first] = meant
  // no branch fits at all
  if (first !== undefined && meant.every(({ context }) => context.length === at + 2)) return [first]
  return separateErrors(meant, at + 1)
}

/** The evidence for a branch: its class exists, its class is named, how far into the value it fits. */
const fits = (branch: t.Errors): number => {
  const found = objectProblemOf(branch)?.problem
  const rank = found === undefined ? 0 : found._tag === 'UnknownClass' ? 1 : 2
  return rank * 1e6 + branch.reduce((deepest, { context }) => Math.max(deepest, context.length), 0)
}

/** The keys that lead from a value, as written in a config, to the cause of an error. */
export const stepsTo = (error: t.ValidationError): readonly string[] => {
  const { steps: last = [] }: WithSteps<t.ValidationError> = error
  const context = error.context.filter(({ key }, index) => index === 0 || key !== '')
  const steps = context.flatMap((entry: WithSteps<t.ContextEntry>, index) =>
    index === 0 || isChoice(context[index - 1]?.type, entry.key) ? [] : (entry.steps ?? [entry.key]),
  )
  return [...steps, ...last]
}

/**
 * The argument that an object's error is about, under its config name if the config names it; undefined if the error
 * concerns all of them.
 */
export const argumentAt = (error: t.ValidationError): string | undefined => {
  const { steps }: WithSteps<t.ValidationError> = error
  if (steps !== undefined) return steps[0] === 'args' ? undefined : steps[steps.length - 1]
  const entry: WithSteps<t.ContextEntry> | undefined = error.context.findLast(
    (one: WithSteps<t.ContextEntry>) => one.steps !== undefined,
  )
  return entry?.steps?.[0] === 'kwargs' ? (entry.steps[1] ?? entry.key) : entry?.key
}

/** Our codecs state the path into a value if the context keys do not show it. */
type WithSteps<A> = A & { readonly steps?: readonly string[] }
