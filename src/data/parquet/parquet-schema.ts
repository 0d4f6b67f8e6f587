import type { SchemaElement } from 'hyparquet'
import { DamagedArtifact } from '../../declare/format.js'

/** A Parquet file's schema as a tree, with the levels of each part. */

export interface SchemaNode {
  readonly element: SchemaElement
  /** Names from the top. */
  readonly path: readonly string[]
  readonly children: readonly SchemaNode[]
  readonly isOptional: boolean
  readonly isRepeated: boolean
  /** Definition level of a value that is there: optional and repeated nodes on the way to it. */
  readonly definition: number
  /** Repeated nodes on the way to it. */
  readonly repetition: number
  /** Which column of the file it is; -1 for groups. */
  readonly position: number
}

/** The top-level columns. Throws `DamagedArtifact` where the list of elements makes no tree. */
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

/** Levels of a schema, at most: a level fits into a byte, and a walk down into the stack. */
const deepest = 200

/** The columns of the file below a node, in order. */
export const leavesOf = (node: SchemaNode): readonly SchemaNode[] =>
  node.position === -1 ? node.children.flatMap(leavesOf) : [node]
