import type { LeaseHolder } from '../../runtime/ports/lease.js'
import type { FileSystem } from '../file-store/file-system.js'
import { lastChange, type Sweeping } from '../file-store/temporary-names.js'
import { readOwner, type Owner } from './lease-owner.js'
import type { LeaseWatch } from './lease-watch.js'
import { lifeOf, type Life } from './process-identity.js'

/** Where somebody looks at leases, and with what patience. */
export interface Looking {
  readonly fs: FileSystem
  readonly root: string
  /** Who looks. */
  readonly me: Owner
  /** For how long a holder elsewhere may be silent, in milliseconds. */
  readonly limit: number
  readonly watch: LeaseWatch
}

/**
 * What was read of a lease. Two readings are of the same lease where `id` is the same, and of one beat where `mark` is.
 */
export interface Found {
  readonly id: string
  readonly mark: string
  readonly holder: LeaseHolder
  readonly life: Life
}

/** A lease of which nothing is known but that somebody has it. */
export const unknownLease: Found = { id: '', mark: '', holder: { host: 'unknown', pid: 0 }, life: 'unknown' }

/** A lease that cannot be read for so long was not just being written. */
const unreadableFor = 10_000
/** A living holder on another host may leave out as many beats as this, whatever limit is set here. */
const fewestBeats = 6

/** What a path says now; undefined where there is nothing. */
export const lookAt = ({ fs, me, limit, watch }: Looking, path: string): Found | undefined => {
  // opened before it is looked at: only then does a network file system ask for what is new
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
  // leases of one holder are one file, and known together
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
 * What a sweep has to know of processes elsewhere: one with a holder file lives while that beats; one without computes
 * nothing.
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
