import { fieldOf } from '../base/records.js'
import type { AnyError, PlanWarning } from '../errors.js'
import { isStoreRefusal } from './system-error.js'

/** By name, not by class: a project may bring its own copy of the library. */
export const isTaskchainError = (
  thrown: unknown,
): thrown is { readonly errors: readonly AnyError[]; readonly warnings?: readonly PlanWarning[] } =>
  thrown instanceof Error && thrown.name === 'TaskchainError' && Array.isArray(fieldOf(thrown, 'errors'))

/** The errors that a thrown value stands for; undefined if it is none of the library's. */
export const errorsOfThrown = (thrown: unknown): readonly AnyError[] | undefined => {
  if (isTaskchainError(thrown)) return thrown.errors
  return isStoreRefusal(thrown) ? [{ _tag: 'StoreUnusable', location: thrown.location, cause: thrown }] : undefined
}
