import { isExact } from '../../data/parquet/exact-value.js'
import { isList, isObject } from '../../base/records.js'
import type { TreeNode } from '../contract.js'
import { cellOf } from './cells.js'

/** JSON-like values, limited in depth, width and total size. */

const deepest = 8
const widest = 200
const maxNodes = 5000

/** `budget` is shared by all trees of one answer. */
export const treeOf = (value: unknown, budget = { left: maxNodes }, depth = 0): TreeNode => {
  budget.left--
  if (isList(value)) {
    const items = depth >= deepest ? [] : within(value, budget, (item) => treeOf(item, budget, depth + 1))
    return { kind: 'list', length: value.length, items, more: value.length - items.length }
  }
  if (!isPlainRecord(value)) return { kind: 'value', value: cellOf(value) }
  const entries = Object.entries(value)
  const fields =
    depth >= deepest
      ? []
      : within(entries, budget, ([name, part]) => ({
          name: name.slice(0, 200).toWellFormed(),
          value: treeOf(part, budget, depth + 1),
        }))
  return { kind: 'record', length: entries.length, fields, more: entries.length - fields.length }
}

const within = <A, B>(list: readonly A[], budget: { readonly left: number }, make: (item: A) => B): readonly B[] => {
  const made: B[] = []
  for (const item of list.slice(0, widest)) {
    if (budget.left <= 0) break
    made.push(make(item))
  }
  return made
}

const isPlainRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && !(value instanceof Date) && !(value instanceof Uint8Array) && !isExact(value)
