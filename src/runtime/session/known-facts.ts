import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { ArtifactFacts, Blessing, Lacking } from '../ports/facts.js'
import { emitter, type Session } from './session.js'

/** The part of a session that is needed here; it may have a listener. */
type Stored = Pick<Session, 'store'> & Partial<Pick<Session, 'clock' | 'listener'>>

/**
 * Facts that a session has read from its store's catalog, by folder and key; undefined if the catalog has none. Read
 * once, and forgotten at a commit.
 */
const remembered = new WeakMap<Stored, Map<string, Map<string, ArtifactFacts | undefined>>>()

const foldersOf = (session: Stored): Map<string, Map<string, ArtifactFacts | undefined>> => {
  const known = remembered.get(session) ?? new Map<string, Map<string, ArtifactFacts | undefined>>()
  remembered.set(session, known)
  return known
}

/**
 * Reads facts of these nodes, in one request. Never rejects: unreadable facts stay unknown. `certain`: facts of the
 * present artifacts, whatever was read before.
 */
export const gatherFacts = async (session: Stored, nodes: readonly NodeOutline[], certain = false): Promise<void> => {
  if (nodes.length === 0) return
  const folders = foldersOf(session)
  const wanted = new Map<string, Set<string>>()
  for (const node of nodes) {
    const { folder } = addressOf(node)
    if (!certain && folders.get(folder)?.has(node.key) === true) continue
    const keys = wanted.get(folder)
    if (keys === undefined) wanted.set(folder, new Set([node.key]))
    else keys.add(node.key)
  }
  const found = await readFacts(session, wanted)
  for (const [folder, keys] of wanted) {
    const facts = found.get(folder)
    if (facts === undefined) continue
    const known = folders.get(folder) ?? new Map<string, ArtifactFacts | undefined>()
    folders.set(folder, known)
    for (const key of keys) known.set(key, facts.get(key))
  }
}

/** Reads all folders at once; if that fails, one by one, so that only unreadable ones are missing. */
const readFacts = async (
  session: Stored,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, ArtifactFacts>>> => {
  const { store, clock, listener } = session
  const { facts } = store
  const lacking = (found: Lacking): void =>
    clock === undefined ? undefined : emitter({ clock, listener }, undefined)({ _tag: 'rebuilt', ...found })
  if (facts === undefined || wanted.size === 0) return new Map()
  try {
    return await facts.read(wanted, lacking)
  } catch {
    const found = new Map<string, ReadonlyMap<string, ArtifactFacts>>()
    for (const one of wanted)
      for (const [folder, known] of await facts.read(new Map([one]), lacking).catch(() => [])) found.set(folder, known)
    return found
  }
}

/** Gathered facts of a node; also undefined if there are none. */
export const factsOf = (session: Stored, node: NodeOutline): ArtifactFacts | undefined =>
  remembered.get(session)?.get(addressOf(node).folder)?.get(node.key)

/** Whether its facts were requested; there may have been none. */
export const isGathered = (session: Stored, node: NodeOutline): boolean =>
  remembered.get(session)?.get(addressOf(node).folder)?.has(node.key) === true

/** To be called at a commit: earlier facts of the artifact no longer hold. */
export const forgetFacts = (session: Stored, node: NodeOutline): void =>
  void remembered.get(session)?.get(addressOf(node).folder)?.delete(node.key)

/** Forgets all facts: after `bless`. */
export const forgetAllFacts = (session: Stored): void => void remembered.delete(session)

/** Accepted results in the folders of these nodes; unreadable folders count as empty. */
export const blessingsOf = async (
  { store }: Stored,
  nodes: readonly NodeOutline[],
): Promise<ReadonlyMap<string, readonly Blessing[]>> => {
  const folders = [...new Set(nodes.map((node) => addressOf(node).folder))]
  return (await store.facts?.blessings(folders).catch(() => undefined)) ?? new Map()
}
