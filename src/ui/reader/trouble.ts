import { fieldOf } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'
import type { AnyError, PlanWarning } from '../../errors.js'
import { explain } from '../../explain.js'
import { errorsOfThrown } from '../../explain/thrown-errors.js'
import type { Failure, PlaceInFile, Trouble } from '../contract.js'
import { runErrors, usageErrors } from '../../explain/run-errors.js'

/** Errors as the page receives them. */

/** The reason why there is no answer, with the matching HTTP status. */
export interface Refusal {
  readonly status: 400 | 404 | 409 | 422 | 500 | 503 | 504
  readonly failure: Failure
}

export const trouble = (error: AnyError | PlanWarning): Trouble => {
  const { code, message, hint, place } = explain(error)
  return { tag: code, message, ...(hint === undefined ? {} : { hint }), ...(place && { place: placeInFile(place) }) }
}

export const placeInFile = (place: {
  readonly origin: string
  readonly line: number
  readonly column: number
}): PlaceInFile => ({ file: place.origin, line: place.line, column: place.column })

export const refusal = (status: Refusal['status'], tag: string, message: string, hint?: string): Refusal => ({
  status,
  failure: { schema: 1, errors: [{ tag, message, ...(hint === undefined ? {} : { hint }) }] },
})

/** Thrown if a question has no answer; the caller turns it into a response. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly refusal: Refusal
  constructor(given: Refusal) {
    super(given.failure.errors[0]?.message)
    this.refusal = given
  }
}

/** A thrown value as an answer: all errors of plans and projects, and anything unexpected as a bug. */
export const refusalOf = (thrown: unknown, hide: (text: string) => string = (text) => text): Refusal => {
  if (thrown instanceof NoAnswer) return thrown.refusal
  if (typeof fieldOf(thrown, 'syscall') === 'string')
    return refusal(503, 'SystemRefused', messageOf(thrown), 'the disk reports it; try again once it is repaired')
  const given = errorsOfThrown(thrown)
  if (given === undefined) return refusal(500, 'Unforeseen', hide(messageOf(thrown)).slice(0, 2000))
  const errors = given.map((error) => hidden(trouble(error), hide))
  return { status: statusOf(given.map(({ _tag }) => _tag)), failure: { schema: 1, errors } }
}

const hidden = (one: Trouble, hide: (text: string) => string): Trouble => ({ ...one, message: hide(one.message) })

const statusOf = (tags: readonly string[]): Refusal['status'] => {
  if (tags.some((tag) => tag === 'NotInChain' || tag === 'AmbiguousName' || tag === 'ConfigNotFound')) return 404
  if (tags.some((tag) => tag === 'ProjectNotLoaded' || tag === 'StoreUnusable' || tag === 'ProjectNotFound')) return 503
  if (tags.some((tag) => Object.hasOwn(usageErrors, tag))) return 400
  return tags.some((tag) => Object.hasOwn(runErrors, tag)) ? 503 : 422
}
