import { addressOf } from './names/artifact-address.js'
import type { Plan } from './plan-types.js'

/**
 * The part of a store that plans reach: every artifact, and every run info of an in-memory result, that belongs to one
 * of their nodes or would if it were computed.
 */
export interface Reachable {
  /** Adds the nodes of a plan; the plan itself is not retained. */
  add(plan: Plan): void
  /** Adds one artifact: one stored under a former name until it is adopted. */
  addOne(artifact: { readonly folder: string; readonly key: string }): void
  /** Whether some plan has a node of this folder (`group/task`) and key. */
  has(folder: string, key: string): boolean
  /** Whether some plan has a node of this folder, under any key. */
  hasFolder(folder: string): boolean
  /** Distinct keys. */
  readonly size: number
}

/**
 * Gathers the union of what plans reach, regardless of order and repetition.
 *
 * @example
 * const reachable = reachableOf([plan])
 * reachable.has('movies/clean_movies', '31a799797f7903922cb01029f37b4297')
 */
export const reachableOf = (plans: Iterable<Plan> = []): Reachable => {
  const folders = new Map<string, Set<string>>()
  let size = 0
  const addOne: Reachable['addOne'] = ({ folder, key }) => {
    const name = folded(folder)
    const keys = folders.get(name) ?? new Set()
    folders.set(name, keys)
    if (keys.has(key)) return
    keys.add(key)
    size++
  }
  const add = (plan: Plan): void => {
    for (const node of plan.nodes) addOne(addressOf(node))
  }
  for (const plan of plans) add(plan)
  return {
    add,
    addOne,
    has: (folder, key) => folders.get(folded(folder))?.has(key) === true,
    hasFolder: (folder) => folders.has(folded(folder)),
    get size() {
      return size
    },
  }
}

/** A disk may report a folder in a different case; keys still distinguish artifacts. */
const folded = (folder: string): string => folder.toLowerCase()
