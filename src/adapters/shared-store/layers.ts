import { messageOf } from '../../base/thrown.js'
import type { Listing, StoredNames } from '../../runtime/ports/artifact.js'
import type { OpenedStore } from '../opened-store.js'
import type { StoreMode } from '../../declare/shared-store.js'
import { reads, writes } from './store-modes.js'

/** A shared store behind a project's own, as used in this process. */
export interface Layer {
  readonly store: OpenedStore
  readonly mode: StoreMode
}

/** A layer that fails is reported once; the run continues without it. */
export interface Layers {
  readonly reading: readonly Layer[]
  readonly writing: readonly Layer[]
  /** Does some work with a layer; resolves with `otherwise` if that layer fails, or has failed before. */
  readonly attempt: <A>(layer: Layer, work: () => Promise<A>, otherwise: A) => Promise<A>
  /** The same for work that is done when it returns. */
  readonly attemptNow: <A>(layer: Layer, work: () => A, otherwise: A) => A
}

export const makeLayers = (layers: readonly Layer[], warn: (problem: string) => void): Layers => {
  const failed = new Set<Layer>()
  const leaveOut = (layer: Layer, error: unknown): void => {
    if (!failed.has(layer))
      warn(`the shared store ${layer.store.location} is left out from here on: ${messageOf(error)}`)
    failed.add(layer)
  }
  return {
    reading: layers.filter(({ mode }) => reads(mode)),
    writing: layers.filter(({ mode }) => writes(mode)),
    attempt: async (layer, work, otherwise) => {
      if (failed.has(layer)) return otherwise
      try {
        return await work()
      } catch (error) {
        leaveOut(layer, error)
        return otherwise
      }
    },
    attemptNow: (layer, work, otherwise) => {
      if (failed.has(layer)) return otherwise
      try {
        return work()
      } catch (error) {
        leaveOut(layer, error)
        return otherwise
      }
    },
  }
}

/** Whether names are those of a readable artifact. */
export const isWhole = (names: StoredNames | undefined): names is StoredNames =>
  names !== undefined && names.runInfo && !names.stale && names.extensions.length > 0

/**
 * Names in one folder of several stores, the project's own first. Artifacts that it has, or has marked stale, hide
 * those behind it.
 */
export const mergedListing = (own: Listing, behind: readonly Listing[]): Listing => {
  const merged = new Map(own)
  for (const listing of behind)
    for (const [key, names] of listing) {
      const before = merged.get(key)
      if (!isWhole(names) || (before !== undefined && (before.runInfo || before.stale))) continue
      merged.set(key, { ...names, log: names.log || before?.log === true, unfinished: before?.unfinished === true })
    }
  return merged
}
