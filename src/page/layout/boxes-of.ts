import type { ChainAnswer } from '../../ui/contract.js'

/** A namespace, or a group within one. Parents come before their contents. */
export interface ChainBox {
  readonly id: string
  readonly kind: 'namespace' | 'group'
  readonly title: string
  readonly parent: number
  /** Index of the group, for its colour; -1 for namespaces. */
  readonly group: number
  /** Indexes of all nodes in it, including those in nested boxes. */
  readonly nodes: readonly number[]
}

export interface Boxes {
  readonly boxes: readonly ChainBox[]
  /** By node: the innermost box, -1 for none. */
  readonly boxOf: readonly number[]
}

/** Boxes of a chain. A box that would contain every node is left out, as it adds nothing. */
export const boxesOf = ({ nodes, groups, namespaces }: ChainAnswer): Boxes => {
  const found = new Map<string, ChainBox & { readonly nodes: number[] }>()
  const open = (id: string, parent: string | undefined, rest: Pick<ChainBox, 'kind' | 'title' | 'group'>): string => {
    if (!found.has(id))
      found.set(id, { id, ...rest, parent: parent === undefined ? -1 : indexOf(found, parent), nodes: [] })
    return id
  }
  const innermost = nodes.map(({ namespace, group }, node) => {
    const path = (namespaces[namespace] ?? '').split('::').filter((part) => part !== '')
    const name = groups[group]?.name ?? ''
    const within: string[] = []
    path.forEach((title, depth) => {
      const id = `n:${path.slice(0, depth + 1).join('::')}`
      within.push(open(id, within.at(-1), { kind: 'namespace', title, group: -1 }))
    })
    if (name !== '')
      within.push(open(`g:${path.join('::')}:${name}`, within.at(-1), { kind: 'group', title: name, group }))
    for (const id of within) found.get(id)?.nodes.push(node)
    return within
  })
  const kept = [...found.values()].filter((box) => box.nodes.length < nodes.length)
  const index = new Map(kept.map((box, at) => [box.id, at]))
  const all = [...found.values()]
  return {
    boxes: kept.map((box) => ({ ...box, parent: index.get(all[box.parent]?.id ?? '') ?? -1 })),
    boxOf: innermost.map((within) => index.get(within.findLast((id) => index.has(id)) ?? '') ?? -1),
  }
}

const indexOf = (found: ReadonlyMap<string, unknown>, id: string): number => [...found.keys()].indexOf(id)
