import { taskchainError } from '../../explain.js'
import { isLeaseUnreadable, isStoreRefusal, isSystemError } from '../../explain/system-error.js'
import type { Store } from '../ports/store.js'
import { fieldOf } from '../../base/records.js'

/**
 * Wraps methods so that a disk failure (no permission, a file in place of a folder, a name that is too long) rejects
 * with a `TaskchainError` that names the store and holds the disk's own error.
 */
export const reportingStoreFailures = <Methods extends object>(store: Store, methods: Methods): Methods =>
  Object.assign(
    { ...methods },
    Object.fromEntries(
      Object.keys(methods).flatMap((name) => {
        const method = fieldOf(methods, name)
        return typeof method === 'function' ? [[name, reporting(store, method)]] : []
      }),
    ),
  )

const reporting =
  (store: Store, method: Function) =>
  (...args: readonly unknown[]): unknown => {
    const made: unknown = Reflect.apply(method, undefined, args)
    return made instanceof Promise ? made.catch((cause: unknown) => Promise.reject(storeFailure(store, cause))) : made
  }

const storeFailure = (store: Store, cause: unknown): unknown =>
  isSystemError(cause) || isLeaseUnreadable(cause) || isStoreRefusal(cause)
    ? taskchainError([{ _tag: 'StoreUnusable', location: store.location, cause }])
    : cause
