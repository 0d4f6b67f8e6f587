import { DamagedArtifact } from '../../declare/format.js'
import { exactText, isExact } from './exact-value.js'
import { leavesOf, type SchemaNode } from './parquet-schema.js'

/**
 * Assembles lists, maps and structs from the levels of the columns below them: for each row, each part reads its own
 * entries.
 */

/** A column's entries in one row group, read from the start. */
export interface LeafEntries {
  /** Number of entries, including gaps. */
  readonly count: number
  readonly definitions: Uint8Array
  readonly repetitions: Uint8Array
  readonly values: ArrayLike<unknown>
}

interface LeafReader extends LeafEntries {
  /** Next entry. */
  at: number
  /** Next value. */
  next: number
}

type Read = () => unknown

/** The rows of a top-level column. Throws `DamagedArtifact` if the columns below it disagree. */
export const assembledRows = (node: SchemaNode, rows: number, entries: readonly LeafEntries[]): unknown[] => {
  const readers = entries.map((entry): LeafReader => ({ ...entry, at: 0, next: 0 }))
  const byPosition = new Map(leavesOf(node).map((leaf, index) => [leaf.position, readers[index]!]))
  const read = readerOf(node, (leaf) => byPosition.get(leaf.position)!)
  const all: unknown[] = []
  for (let row = 0; row < rows; row++) {
    for (const { repetitions, at } of readers) if (repetitions[at] !== 0) throw uneven(node)
    all.push(read())
  }
  if (readers.some(({ at, count }) => at !== count)) throw uneven(node)
  return all
}

const uneven = ({ path }: SchemaNode): DamagedArtifact =>
  new DamagedArtifact(`the parts of column ${JSON.stringify(path.join('.'))} do not fit together`)

type ReaderOf = (leaf: SchemaNode) => LeafReader

/** Reads a value of a node, including gaps and lists. */
const readerOf = (node: SchemaNode, at: ReaderOf, present: Read = presentOf(node, at)): Read => {
  const below = leavesOf(node).map(at)
  const [first] = below
  if (first === undefined) throw new DamagedArtifact('a group has no columns')
  const skip = (): void => {
    for (const reader of below) reader.at++
  }
  const isThere = (): boolean => {
    if (first.at >= first.count) throw uneven(node)
    return first.definitions[first.at]! >= node.definition
  }
  if (node.isRepeated)
    return () => {
      const items: unknown[] = []
      if (isThere())
        do items.push(present())
        while (first.at < first.count && first.repetitions[first.at] === node.repetition)
      else skip()
      return items
    }
  if (!node.isOptional) return present
  return () => {
    if (isThere()) return present()
    skip()
    return null
  }
}

/** Reads a value that is present. */
const presentOf = (node: SchemaNode, at: ReaderOf): Read => {
  if (node.position !== -1) {
    const reader = at(node)
    return () => {
      if (reader.at >= reader.count) throw uneven(node)
      return reader.definitions[reader.at++] === node.definition ? reader.values[reader.next++] : null
    }
  }
  const list = itemOfList(node)
  if (list !== undefined) {
    const { repeated, item } = list
    return item === undefined ? readerOf(repeated, at) : readerOf(repeated, at, readerOf(item, at))
  }
  const pairs = pairsOfMap(node)
  if (pairs !== undefined) {
    const readPairs = readerOf(pairs.repeated, at)
    return () =>
      Object.fromEntries(
        (readPairs() as Readonly<Record<string, unknown>>[]).map((pair) => [
          keyText(pair[pairs.key]),
          pair[pairs.value],
        ]),
      )
  }
  const fields = node.children.map((child) => [child.element.name, readerOf(child, at)] as const)
  return () => Object.fromEntries(fields.map(([name, read]) => [name, read()]))
}

const isAnnotated = ({ element }: SchemaNode, kind: 'LIST' | 'MAP'): boolean =>
  element.logical_type?.type === kind ||
  element.converted_type === kind ||
  (kind === 'MAP' && element.converted_type === 'MAP_KEY_VALUE')

/**
 * The repeated part of a list, and the item in it, which is undefined if the repeated part is the item itself: older
 * writers left out the group in between.
 */
const itemOfList = (
  node: SchemaNode,
): { readonly repeated: SchemaNode; readonly item: SchemaNode | undefined } | undefined => {
  const [repeated] = node.children
  if (!isAnnotated(node, 'LIST') || repeated === undefined || node.children.length !== 1 || !repeated.isRepeated)
    return undefined
  const { name } = repeated.element
  const isItem = repeated.children.length !== 1 || name === 'array' || name === `${node.element.name}_tuple`
  return { repeated, item: isItem ? undefined : repeated.children[0] }
}

const pairsOfMap = (
  node: SchemaNode,
): { readonly repeated: SchemaNode; readonly key: string; readonly value: string } | undefined => {
  const [repeated] = node.children
  if (!isAnnotated(node, 'MAP') || repeated === undefined || node.children.length !== 1 || !repeated.isRepeated)
    return undefined
  const [key, value] = repeated.children
  return key === undefined || value === undefined || repeated.children.length !== 2
    ? undefined
    : { repeated, key: key.element.name, value: value.element.name }
}

const keyText = (key: unknown): string => (isExact(key) ? exactText(key) : String(key))
