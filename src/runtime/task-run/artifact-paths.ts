import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { StoredArtifact } from '../ports/artifact.js'
import type { Lease } from '../ports/lease.js'
import { openArtifact } from '../run-info/hit-or-miss.js'
import { quickData } from '../run-info/run-info.js'
import { unknownContent, type Content } from '../session/content.js'
import type { Reading } from '../session/reading-types.js'
import type { Session } from '../session/session.js'
import { isDamagedArtifact } from './node-failures.js'
import { openReading } from './reading.js'

/** The location of an artifact, for a task that reads it by its path. */
export interface OpenedPath {
  readonly path: string
  readonly reading: Reading
  readonly content: Content
}

/** Paths passed to one running task: their files stay in place until `release`. */
export interface ArtifactPaths {
  /** Compares the data with its checksum first. Rejects with `LostPath` if it is missing or damaged. */
  readonly open: (node: NodeOutline) => Promise<OpenedPath>
  /** Undefined if there is nothing to wait for. */
  readonly release: () => Promise<void> | undefined
}

/** An artifact that no longer has a path; the reading says why. */
export class LostPath extends Error {
  override readonly name = 'LostPath'
  readonly reading: Reading
  constructor(message: string, reading: Reading) {
    super(message)
    this.reading = reading
  }
}

type Parts = Pick<Session, 'damaged' | 'memory' | 'noRepair' | 'store'>

export const artifactPaths = (session: Parts): ArtifactPaths => {
  const opened = new Map<string, Promise<OpenedPath>>()
  const ends: (() => Promise<unknown>)[] = []
  const releaseAll = async (): Promise<void> => {
    await Promise.allSettled(opened.values())
    for (const end of ends) await end().catch(() => undefined)
  }
  return {
    open: (node) => {
      const known = opened.get(node.key) ?? openPath(session, node, ends)
      opened.set(node.key, known)
      return known
    },
    release: () => (opened.size === 0 ? undefined : releaseAll()),
  }
}

const openPath = async (session: Parts, node: NodeOutline, ends: (() => Promise<unknown>)[]): Promise<OpenedPath> => {
  const { store } = session
  const pin = await pinOf(session, node)
  if (pin !== undefined) ends.push(() => pin.release())
  const found = await openArtifact(store, addressOf(node))
  if ('_tag' in found) throw new LostPath(`${node.id} is ${found.reason}`, lostReading(node, found.reason))
  await refuseDamaged(session, node, found)
  // a path is read without our source, and may be replaced meanwhile, like a folder
  const reading = openReading(session, node, undefined)
  reading.begin(found.runInfo)
  const digest = quickData(found.runInfo)?.digest
  const path = found.directory ?? store.pathOf(addressOf(node)) ?? (await copied(node, found, ends))
  return { path, reading, content: digest === undefined ? unknownContent : { digest } }
}

/** A store that cannot be written can still be read. */
const pinOf = async ({ store }: Parts, node: NodeOutline): Promise<Lease | undefined> =>
  store.upkeep?.pin(addressOf(node)).catch(() => undefined)

/** Verifies the whole file: the task reads the path without any check. */
const refuseDamaged = async (session: Parts, node: NodeOutline, found: StoredArtifact): Promise<void> => {
  const reading = openReading(session, node, found.source)
  reading.begin(found.runInfo)
  try {
    for await (const _ of reading.source?.stream() ?? []) continue
  } catch (cause) {
    if (isDamagedArtifact(cause)) throw new LostPath(`${node.id} is damaged: ${cause.message}`, reading)
    throw cause
  }
}

const lostReading = (node: NodeOutline, reason: string): Reading => ({
  node,
  damage: () => new Error(reason),
  isFolder: true,
  recheck: async () => undefined,
  marked: async () => undefined,
})

/** A store that is not on a disk has no paths: the task gets a copy. */
const copied = async (
  node: NodeOutline,
  { source }: StoredArtifact,
  ends: (() => Promise<unknown>)[],
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskchain-path-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, node.extension === null ? node.key : `${node.key}.${node.extension}`)
  await pipeline(source?.stream() ?? [], createWriteStream(path))
  return path
}
