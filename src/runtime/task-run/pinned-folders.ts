import { addressOf } from '../../plan/names/artifact-address.js'
import type { Lease } from '../ports/lease.js'
import type { Reading } from '../session/reading-types.js'
import type { Session } from '../session/session.js'

/** Folders that a task reads while it runs: open files outlive their deletion, the contents of a folder do not. */
export interface PinnedFolders {
  /**
   * Protects those readings that are folders from deletion. Never rejects: a store that cannot be written can still be
   * read. Does nothing after `release`: what a task requests after its end is not protected. Undefined if there is
   * nothing to wait for.
   */
  add(readings: readonly Reading[]): Promise<unknown> | undefined
  release(): Promise<unknown> | undefined
}

export const pinnedFolders = (session: Pick<Session, 'store'>): PinnedFolders => {
  const { upkeep } = session.store
  const pins = new Map<string, Promise<Lease | undefined>>()
  let isReleased = false
  return {
    add: (readings) => {
      if (isReleased) return undefined
      for (const { node, isFolder } of readings) {
        if (isFolder && upkeep !== undefined && !pins.has(node.key))
          pins.set(
            node.key,
            upkeep.pin(addressOf(node)).catch(() => undefined),
          )
      }
      return pins.size === 0 ? undefined : Promise.all(pins.values())
    },
    release: () => {
      isReleased = true
      return pins.size === 0 ? undefined : releaseAll(pins.values())
    },
  }
}

const releaseAll = async (pins: Iterable<Promise<Lease | undefined>>): Promise<void> => {
  for (const pin of pins) await (await pin)?.release().catch(() => undefined)
}
