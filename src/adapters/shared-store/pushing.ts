import type { Address } from '../../runtime/ports/artifact.js'
import { ifFree } from '../../runtime/ports/if-free.js'
import { copyArtifact } from '../../runtime/upkeep/transfer/copy-artifact.js'
import type { OpenedStore } from '../opened-store.js'
import type { Layers } from './layers.js'

/** Results on their way to shared stores: a task does not wait for them. */
export interface Pushing {
  /** Records a commit. */
  add(address: Address): void
  /** The log of the artifact is complete: it can be pushed. */
  start(address: Address): void
  /** Resolves when every committed artifact was pushed, or has failed. */
  flush(): Promise<void>
}

export const pushing = (own: OpenedStore, layers: Layers, warn: (problem: string) => void): Pushing => {
  const waiting = new Map<string, Address>()
  const under = new Set<Promise<void>>()
  const push = async (address: Address): Promise<void> => {
    for (const layer of layers.writing)
      await layers.attempt(
        layer,
        async () => {
          const { store } = layer
          const copied =
            (await ifFree(store, address, () => copyArtifact(own, store, address))) ??
            // the lease is held by this run itself, or by another writer of the same artifact
            (await copyArtifact(own, store, address))
          if (copied._tag === 'differs')
            warn(
              `${store.location} has other data for ${address.folder}/${address.key}: ` +
                'the task does not give the same twice; what is there stays',
            )
        },
        undefined,
      )
  }
  const start = (address: Address): void => {
    const path = `${address.folder}/${address.key}`
    if (!waiting.delete(path)) return
    const pushed = push(address).finally(() => under.delete(pushed))
    under.add(pushed)
  }
  return {
    add: (address) => {
      if (layers.writing.length > 0) waiting.set(`${address.folder}/${address.key}`, address)
    },
    start,
    flush: async () => {
      for (const address of waiting.values()) start(address)
      while (under.size > 0) await Promise.all(under)
      for (const layer of layers.writing) await layers.attempt(layer, () => layer.store.flush(), undefined)
    },
  }
}
