import { addressOf } from '../../plan/names/artifact-address.js'
import type { Lease } from '../ports/lease.js'
import type { Reading } from '../session/reading-types.js'
import type { Session } from '../session/session.js'

/** Folders that a task reads while it runs: open files outlive their deletion, what is in a folder does not. */
export interface PinnedFolders {
  /**
   * Keeps those of them that are folders from being deleted. Never rejects: a store that cannot be written is read all
   * the same. Does nothing after `release`: what a task asks for when it has ended is nobody's to keep.
   */
  add(readings: readonly Reading[]): Promise<void>
  release(): Promise<void>
}

export const pinnedFolders = (session: Pick<Session, 'store'>): PinnedFolders => {
  const { upkeep } = session.store
  const pins = new Map<string, Promise<Lease | undefined>>()
  let isReleased = false
  return {
    add: async (readings) => {
      if (isReleased) return
      for (const { node, isFolder } of readings) {
        if (isFolder && upkeep !== undefined && !pins.has(node.key))
          pins.set(
            node.key,
            upkeep.pin(addressOf(node)).catch(() => undefined),
          )
      }
      await Promise.all(pins.values())
    },
    release: async () => {
      isReleased = true
      for (const pin of pins.values()) await (await pin)?.release().catch(() => undefined)
    },
  }
}
