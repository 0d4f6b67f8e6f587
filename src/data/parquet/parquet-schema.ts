import type { SchemaElement } from 'hyparquet'
import { DamagedArtifact } from '../../declare/format.js'

/** The schema of a Parquet file as a tree, with the levels of each node. */

export interface SchemaNode {
  readonly element: SchemaElement
  /** Names from the root. */
  readonly path: readonly string[]
  readonly children: readonly SchemaNode[]
  readonly isOptional: boolean
  readonly isRepeated: boolean
  /** Definition level of a present value: the number of optional and repeated nodes on its path. */
  readonly definition: number
  /** Number of repeated nodes on its path. */
  readonly repetition: number
  /** Index of the column in the file; -1 for groups. */
  readonly position: number
}

/** The top-level columns. Throws `DamagedArtifact` if the elements do not form a tree. */
export const schemaNodes = (elements: readonly SchemaElement[]): readonly SchemaNode[] => {
  let next = 1
  let leaves = 0
  const read = (above: Pick<SchemaNode, 'path' | 'definition' | 'repetition'>): SchemaNode => {
    const element = elements[next++]
    if (element === undefined || typeof element.name !== 'string') throw new DamagedArtifact('the schema is cut off')
    const isOptional = element.repetition_type === 'OPTIONAL'
    const isRepeated = element.repetition_type === 'REPEATED'
    const path = [...above.path, element.name]
    const definition = above.definition + (isOptional || isRepeated ? 1 : 0)
    const repetition = above.repetition + (isRepeated ? 1 : 0)
    if (path.length > deepest) throw new DamagedArtifact(`the schema is nested more than ${deepest} deep`)
    const position = element.type === undefined ? -1 : leaves++
    const children = element.type === undefined ? readAll(element.num_children, { path, definition, repetition }) : []
    return { element, path, children, isOptional, isRepeated, definition, repetition, position }
  }
  const readAll = (count: number | undefined, above: Parameters<typeof read>[0]): readonly SchemaNode[] => {
    const children: SchemaNode[] = []
    while (children.length < (count ?? 0)) children.push(read(above))
    return children
  }
  const [top] = elements
  if (top === undefined || top.type !== undefined) throw new DamagedArtifact('there is no schema')
  const nodes = readAll(top.num_children, { path: [], definition: 0, repetition: 0 })
  if (next !== elements.length) throw new DamagedArtifact(`the schema has ${elements.length - next} elements too many`)
  return nodes
}

/** Maximum depth of a schema: a level fits into a byte, and a recursive walk into the stack. */
const deepest = 200

/** The leaf columns below a node, in order. */
export const leavesOf = (node: SchemaNode): readonly SchemaNode[] =>
  node.position === -1 ? node.children.flatMap(leavesOf) : [node]
