import { addressOf } from './names/artifact-address.js'
import type { Plan } from './plan-types.js'

/**
 * What plans reach in a store: every artifact, and every run info of what is kept in memory, that one of their nodes is
 * or would be kept under.
 */
export interface Reachable {
  /** Adds the nodes of a plan; the plan itself is not kept. */
  add(plan: Plan): void
  /** Adds one artifact: what is stored under a former name until it is taken over. */
  addOne(artifact: { readonly folder: string; readonly key: string }): void
  /** Whether some plan has a node of this folder (`group/task`) and key. */
  has(folder: string, key: string): boolean
  /** Whether some plan has a node of this folder, under any key. */
  hasFolder(folder: string): boolean
  /** Distinct keys. */
  readonly size: number
}

/**
 * Gathers what plans reach: the union, whatever their order and however often one is added.
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

/** A disk may spell a folder in other cases than we gave it; keys distinguish artifacts all the same. */
const folded = (folder: string): string => folder.toLowerCase()
