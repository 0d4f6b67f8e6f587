import type { LeaseHolder } from '../../runtime/ports/lease.js'
import type { FileSystem } from '../file-store/file-system.js'
import { lastChange, type Sweeping } from '../file-store/temporary-names.js'
import { readOwner, type Owner } from './lease-owner.js'
import type { LeaseWatch } from './lease-watch.js'
import { lifeOf, type Life } from './process-identity.js'

/** The context in which leases are examined. */
export interface Looking {
  readonly fs: FileSystem
  readonly root: string
  /** The identity of this process. */
  readonly me: Owner
  /** How long a holder on another host may be silent, in milliseconds. */
  readonly limit: number
  readonly watch: LeaseWatch
}

/** One reading of a lease. Two readings show the same lease if `id` is equal, and the same beat if `mark` is. */
export interface Found {
  readonly id: string
  readonly mark: string
  readonly holder: LeaseHolder
  readonly life: Life
}

/** A lease with an unknown holder. */
export const unknownLease: Found = { id: '', mark: '', holder: { host: 'unknown', pid: 0 }, life: 'unknown' }

/** A lease that stays unreadable for this long was not merely being written. */
const unreadableFor = 10_000
/** A living holder on another host may miss this many beats, whatever limit is set here. */
const fewestBeats = 6

/** The present state of a lease; undefined if it does not exist. */
export const lookAt = ({ fs, me, limit, watch }: Looking, path: string): Found | undefined => {
  // opened before stat: only then does a network file system fetch new attributes
  const said = readOwner(fs, path)
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const text = stat.isFile() ? said : undefined
  const owner = text?._tag === 'owner' ? text.owner : undefined
  const id = owner?.id ?? `x${stat.ino.toString(36)}`
  const mark = `${id} ${stat.mtimeMs} ${text?._tag === 'owner' ? text.beat : ''}`
  const life = owner === undefined ? 'unknown' : lifeOf(owner, me)
  const longest =
    text === undefined ? Math.min(unreadableFor, limit) : Math.max(limit, fewestBeats * (owner?.every ?? 0))
  // leases of one holder are the same file and share an entry
  const isSilent = life === 'unknown' && watch.isSilent(`${id} ${stat.ino}`, mark, longest)
  return {
    id,
    mark,
    holder: owner === undefined ? unknownLease.holder : { host: owner.host, pid: owner.pid },
    life: isSilent ? 'dead' : life,
  }
}

export const isDead = (looking: Looking, path: string): boolean => lookAt(looking, path)?.life === 'dead'

const holderStart = '.holder.'

/**
 * What a sweep needs to know about processes on other hosts: one with a holder file is alive while that beats; one
 * without computes nothing.
 */
export const sweepingOf = (looking: Looking): Sweeping => {
  const { fs, root, limit, watch } = looking
  let holders: readonly string[] | undefined
  return {
    isLeft: (path, maker) => {
      holders ??= fs.readdirSync(root).filter((name) => name.startsWith(holderStart))
      const files = holders.filter((name) =>
        [`${holderStart}${maker}-`, `${holderStart}${maker}t`].some((start) => name.startsWith(start)),
      )
      if (files.length > 0)
        return files.every((name) => (lookAt(looking, `${root}/${name}`)?.life ?? 'dead') === 'dead')
      return watch.isSilent(path, String(lastChange(fs, path)), limit)
    },
  }
}
