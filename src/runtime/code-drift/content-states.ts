/**
 * Which stored nodes are valid by content: pure, derived from the inputs in a plan, the stored artifacts, and the
 * contents that these were computed from.
 */

/** The part of a node that matters for contents. */
export interface SeenNode {
  readonly key: string
  /** `to_run`: it exists, but will be computed again: forced, damaged, computed by other code. */
  readonly is: 'absent' | 'stored' | 'to_run'
  /** Digest of the stored artifact. */
  readonly digest?: string | undefined
  /** Digests of the artifacts that it was computed from, by key. */
  readonly reads?: { readonly [key: string]: string } | undefined
}

/** A stored node that is not certainly valid. Other nodes have no state. */
export type ContentState =
  /** An input has another content than the one that was read. */
  | { readonly _tag: 'stale'; readonly because: readonly OtherContent[] }
  /** Inputs will be computed, and may get other contents. */
  | { readonly _tag: 'undecided'; readonly awaits: readonly string[] }

/** An input by key, with the digest that was read and the current one. */
export interface OtherContent {
  readonly key: string
  readonly read: string
  readonly now: string
}

/**
 * The content state of nodes, by key. `nodes`: in run order; `wanted`: requested keys; `inputsOf`: keys that a node
 * needs to be computed. An absent node that is not needed makes no reader stale; one that has to be computed again is
 * computed if anything downstream of it is requested. An unknown digest never counts as a different one.
 *
 * @example
 * const source = { key: 'a', is: 'stored', digest: 'new' } as const
 * const reader = { key: 'b', is: 'stored', reads: { a: 'old' } } as const
 * contentStates([source, reader], ['b'], () => ['a']).get('b')?._tag // => 'stale'
 */
export const contentStates = (
  nodes: readonly SeenNode[],
  wanted: Iterable<string>,
  inputsOf: (key: string) => readonly string[],
): ReadonlyMap<string, ContentState> => {
  const graph = new Map(nodes.map((node, at) => [node.key, { node, at }]))
  const states = new Map<string, ContentState>()
  for (const { node } of graph.values()) {
    const because = node.is === 'stored' ? othersIn(node, (key) => graph.get(key)?.node) : []
    if (because.length > 0) states.set(node.key, { _tag: 'stale', because })
  }
  if (nodes.every(({ key, is }) => is !== 'stored' || states.has(key))) return states // no node waits
  const computed = computedFor(graph, states, wanted, inputsOf)
  for (const { node, at } of graph.values()) {
    if (node.is !== 'stored' || states.has(node.key)) continue
    const awaits = Object.keys(node.reads ?? {}).filter((key) => isAwaited(graph.get(key), at, computed, states))
    if (awaits.length > 0) states.set(node.key, { _tag: 'undecided', awaits })
  }
  return states
}

interface Placed {
  readonly node: SeenNode
  /** Position in run order. */
  readonly at: number
}

/** Contents that a node has read and that differ now. */
export const othersIn = (
  { reads }: Pick<SeenNode, 'reads'>,
  nodeOf: (key: string) => Pick<SeenNode, 'is' | 'digest'> | undefined,
): readonly OtherContent[] => {
  const others: OtherContent[] = []
  for (const [key, read] of Object.entries(reads ?? {})) {
    const input = nodeOf(key)
    if (input?.is !== 'stored' || input.digest === undefined || input.digest === read) continue
    others.push({ key, read, now: input.digest })
  }
  return others
}

/** Keys that are certainly computed when everything wanted is requested. */
const computedFor = (
  graph: ReadonlyMap<string, Placed>,
  states: ReadonlyMap<string, ContentState>,
  wanted: Iterable<string>,
  inputsOf: (key: string) => readonly string[],
): ReadonlySet<string> => {
  const computed = new Set<string>()
  const watched = new Set<string>()
  const needed = [...wanted]
  const open: string[] = []
  for (;;) {
    const key = needed.pop() ?? open.pop()
    if (key === undefined) return computed
    const placed = graph.get(key)
    if (placed === undefined || watched.has(key) || computed.has(key)) continue
    const { node, at } = placed
    if (node.is === 'stored' && !states.has(key)) {
      watched.add(key)
      // a node that only objects requested may come later: it is compared, but not waited for
      for (const read of Object.keys(node.reads ?? {})) {
        const other = graph.get(read)
        if (other !== undefined && other.at < at && other.node.is !== 'absent') open.push(read)
      }
    } else {
      computed.add(key)
      for (const input of inputsOf(key)) needed.push(input)
    }
  }
}

const isAwaited = (
  input: Placed | undefined,
  before: number,
  computed: ReadonlySet<string>,
  states: ReadonlyMap<string, ContentState>,
): boolean => {
  if (input === undefined || input.at >= before) return false
  return computed.has(input.node.key) || states.get(input.node.key)?._tag === 'undecided'
}
