import { hitOrMiss } from '../run-info/hit-or-miss.js'
import type { ArtifactSource } from '../../declare/format.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Reading } from '../session/reading-types.js'
import { isDamagedArtifact, isFormatProblem } from './node-failures.js'
import type { Session } from '../session/session.js'

/** A reading with the operations that only the runtime uses. */
export interface OpenReading extends Reading {
  /** The source that consumers read; undefined for folders. */
  readonly source: ArtifactSource | undefined
  /**
   * From now on damage counts as found by a consumer: until then, the loader reports it. `runInfo`: text of the
   * artifact's run info.
   */
  readonly begin: (runInfo: string) => void
}

/** Largest file, in bytes, that is verified again when a consumer has failed. */
const largestRecheck = 64 * 1024 * 1024

type Parts = Pick<Session, 'damaged' | 'memory' | 'noRepair' | 'store'>

/** `source`: undefined for folders. */
export const openReading = (session: Parts, node: NodeOutline, source: ArtifactSource | undefined): OpenReading => {
  const state: Noted = { session, node, runInfo: undefined, damage: undefined, marking: undefined, used: false }
  return {
    node,
    isFolder: source === undefined,
    source: source && watched(state, source),
    begin: (text) => {
      state.runInfo = text
      state.used = false
    },
    damage: () => state.damage,
    marked: async () => state.marking,
    recheck: () => recheck(state, source),
  }
}

/** The state of an artifact that is being read. */
interface Noted {
  readonly session: Parts
  readonly node: NodeOutline
  /** Text of the artifact's run info; undefined until a consumer reads. */
  runInfo: string | undefined
  damage: Error | undefined
  /** Pending until the damage is marked in the store. */
  marking: Promise<void> | undefined
  /** Whether a consumer has read anything. */
  used: boolean
}

const note = (state: Noted, cause: unknown): void => {
  const { session, node, runInfo } = state
  if (runInfo === undefined || state.damage !== undefined || !isDamage(cause)) return
  state.damage = cause
  session.memory.delete(node.key)
  state.marking = session.noRepair ? undefined : mark(session, node, `damaged: ${cause.message}`, runInfo)
}

const watched = (state: Noted, raw: ArtifactSource): ArtifactSource => {
  const noting = async <A>(read: Promise<A>): Promise<A> => {
    state.used = true
    return read.catch((cause: unknown) => {
      note(state, cause)
      throw cause
    })
  }
  return {
    size: raw.size,
    bytes: () => noting(raw.bytes()),
    slice: (from, to) => noting(raw.slice(from, to)),
    stream: async function* () {
      state.used = true
      try {
        yield* raw.stream()
      } catch (cause) {
        note(state, cause)
        throw cause
      }
    },
    refused: (cause) => note(state, cause),
  }
}

const recheck = async (state: Noted, source: ArtifactSource | undefined): Promise<void> => {
  const { session, node, runInfo } = state
  if (state.damage !== undefined) return
  if (source === undefined) {
    const problem = await changed(session, node, runInfo)
    if (problem !== undefined)
      note(state, new Refused(`${session.store.pathOf(addressOf(node)) ?? node.id}: ${problem}`))
  } else if (state.used && source.size <= largestRecheck) {
    try {
      for await (const _ of source.stream()) continue
    } catch (cause) {
      note(state, cause)
    }
  }
}

/** Why a folder no longer is, or may not have been throughout, the one that was read; undefined if it is. */
const changed = async (
  { store }: Pick<Session, 'store'>,
  node: NodeOutline,
  runInfo: string | undefined,
): Promise<string | undefined> => {
  const address = addressOf(node)
  const files = await store.open(address).catch(() => undefined)
  if (files === undefined) {
    // the run info of another artifact comes before its data
    const present = await store.readRunInfo(address).catch(() => undefined)
    return present === runInfo ? undefined : 'it cannot be looked at again'
  }
  // a mark alone does not remove anything
  const { stale: _, ...unmarked } = files
  const found = hitOrMiss(unmarked, address)
  if (!('_tag' in found)) return found.runInfo === runInfo ? undefined : 'it was replaced while it was read'
  return `${found.reason}${found.detail === undefined ? '' : `, ${found.detail}`}`
}

const isDamage = (cause: unknown): cause is Error => isDamagedArtifact(cause) || isFormatProblem(cause)

class Refused extends Error {
  override readonly name = 'DamagedArtifact'
}

/**
 * Makes it a miss for all processes, unless it was replaced meanwhile. A store that cannot be written is no obstacle:
 * this session remembers.
 */
const mark = async (
  session: Pick<Session, 'damaged' | 'store'>,
  node: NodeOutline,
  reason: string,
  runInfo: string,
): Promise<void> => {
  session.damaged.set(node.key, { reason, marked: false })
  try {
    const address = addressOf(node)
    if ((await session.store.readRunInfo(address)) === runInfo) await session.store.markStale(address, reason)
    if (session.damaged.has(node.key)) session.damaged.set(node.key, { reason, marked: true })
  } catch {
    // as above
  }
}
