import type { ArtifactFacts } from '../ports/facts.js'
import type { WalkableStore } from './gc.js'

/** An artifact that was computed from other contents than those that the store now has under the same keys. */
export interface StaleArtifact {
  readonly folder: string
  readonly key: string
  /** The inputs that differ: their place, the digest that was read, and the current one. */
  readonly because: readonly {
    readonly folder: string
    readonly key: string
    readonly read: string
    readonly now: string
  }[]
}

/**
 * The stale artifacts of a store, of any config; from its catalog alone, no data is read. Only artifacts whose own
 * inputs differ: those computed from a stale artifact follow once that is computed again. Undefined if the store has no
 * catalog.
 */
export const staleArtifacts = async (store: WalkableStore): Promise<readonly StaleArtifact[] | undefined> => {
  if (store.facts === undefined) return undefined
  const folders = new Set<string>()
  for await (const { folder } of store.upkeep.walk(true)) folders.add(folder)
  const all = await store.facts.read(new Map([...folders].map((folder) => [folder, undefined])))
  const known = new Map<string, { readonly folder: string; readonly facts: ArtifactFacts }>()
  for (const [folder, artifacts] of all) for (const facts of artifacts.values()) known.set(facts.key, { folder, facts })
  const marked = await markedKeys(store, [...folders])
  return [...known.values()]
    .filter(({ facts }) => !marked.has(facts.key))
    .flatMap(({ folder, facts: { key, reads = {} } }) => {
      const because = Object.entries(reads).flatMap(([input, read]) => {
        const found = known.get(input)
        const now = found?.facts.digest
        return found === undefined || now === undefined || now === read
          ? []
          : [{ folder: found.folder, key: input, read, now }]
      })
      return because.length === 0 ? [] : [{ folder, key, because }]
    })
    .toSorted((left, right) => (`${left.folder} ${left.key}` < `${right.folder} ${right.key}` ? -1 : 1))
}

/** Keys that will be computed again anyway. */
const markedKeys = async (store: WalkableStore, folders: readonly string[]): Promise<ReadonlySet<string>> => {
  const marked = new Set<string>()
  for (const listing of (await store.list(folders)).values())
    for (const [key, { stale }] of listing) if (stale) marked.add(key)
  return marked
}
