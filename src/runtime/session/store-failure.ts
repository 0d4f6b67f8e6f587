import { taskchainError } from '../../explain.js'
import { isLeaseUnreadable, isSystemError } from '../../explain/system-error.js'
import type { Store } from '../ports/store.js'

/**
 * The same methods, but where the disk refuses (no permission, a file in place of a folder, a name that is too long)
 * they reject with a `TaskchainError` that names the store and holds the disk's own error.
 */
export const tellingStoreFailures = <Methods extends object>(store: Store, methods: Methods): Methods =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      typeof method === 'function' ? telling(store, method as Method) : (method as unknown),
    ]),
  ) as Methods // the same names, each with its own type

type Method = (...args: readonly unknown[]) => unknown

const telling =
  (store: Store, method: Method): Method =>
  (...args) => {
    const made = method(...args)
    return made instanceof Promise ? made.catch((cause: unknown) => Promise.reject(storeFailure(store, cause))) : made
  }

const storeFailure = (store: Store, cause: unknown): unknown =>
  isSystemError(cause) || isLeaseUnreadable(cause)
    ? taskchainError([{ _tag: 'StoreUnusable', location: store.location, cause }])
    : cause
