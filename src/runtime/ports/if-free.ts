import type { Address } from './artifact.js'
import type { Store } from './store.js'

/** Runs an action while no other process computes a key; undefined if one does. Never waits. */
export const ifFree = async <A>(
  store: Pick<Store, 'lease'>,
  address: Address,
  work: () => Promise<A>,
): Promise<A | undefined> => {
  const controller = new AbortController()
  const taken = Symbol('taken')
  const lease = await store
    .lease(address, { signal: controller.signal, waiting: () => controller.abort(taken) })
    .catch((reason: unknown) => {
      if (controller.signal.aborted) return undefined
      throw reason
    })
  if (lease === undefined) return undefined
  try {
    return await work()
  } finally {
    await lease.release().catch(() => undefined)
  }
}
