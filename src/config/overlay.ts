import type { Place, PlanError } from '../errors.js'
import { limits, tooLarge } from './limits.js'
import { isMap, kindOf, locatedList, locatedMap } from './read/located.js'
import type { Located } from './config-types.js'

/** Values that override those of all configs, or of the configs in exactly one namespace. */
export interface Layer {
  /** Undefined: all namespaces; empty: the top level. */
  readonly namespace: string | undefined
  /**
   * Whole names before dotted ones, and shorter paths before longer ones, so that the winning value does not depend on
   * the order of a map.
   */
  readonly entries: readonly (readonly [name: string, located: Located])[]
  readonly place: Place
}

/** Creates a layer from values. */
export const layerOf = (namespace: string | undefined, values: ReadonlyMap<string, Located>, place: Place): Layer => ({
  namespace,
  place,
  // a stable sort: names added to a map keep the order of the file
  entries: [...values].sort(([left], [right]) => dotsIn(left) - dotsIn(right)),
})

const dotsIn = (name: string): number => name.split('.').length

/** A value of a config after its contexts are applied. */
export interface Overlaid {
  readonly located: Located
  readonly overrides?: Place | undefined
  readonly own?: Place | undefined
  readonly fromContext: boolean
}

/**
 * The values of a config that layers change or add. A name replaces or adds an entire value; a dotted path changes one
 * leaf, unless the config has a value with exactly that dotted name.
 */
export const overlay = (
  valueOf: (name: string) => Located | undefined,
  layers: readonly Layer[],
  errors: PlanError[],
): ReadonlyMap<string, Overlaid> => {
  const changed = new Map<string, Overlaid>()
  const names = { has: (name: string): boolean => changed.has(name) || valueOf(name) !== undefined }
  const now = (name: string): Overlaid | undefined => {
    const located = valueOf(name)
    return changed.get(name) ?? (located && { located, fromContext: false })
  }
  for (const layer of layers)
    for (const [name, located] of layer.entries) {
      const head = names.has(name) ? name : headOf(name, names)
      const before = now(head ?? name)
      const own =
        before === undefined ? undefined : (before.own ?? (before.fromContext ? undefined : before.located.place))
      const overrides = own === undefined ? undefined : located.place
      if (head === undefined || head === name || before === undefined)
        changed.set(name, { located, overrides, own, fromContext: true })
      else {
        const inside = withLeaf(before.located, name.slice(head.length + 1), located, name, errors)
        changed.set(head, { located: inside, overrides, own, fromContext: true })
      }
    }
  return changed
}

/** The longest prefix of a dotted path, ending before a dot, that is one of the names. */
export const headOf = (path: string, names: { has(name: string): boolean }): string | undefined => {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1))
    if (names.has(path.slice(0, dot))) return path.slice(0, dot)
  return undefined
}

const withLeaf = (located: Located, path: string, leaf: Located, name: string, errors: PlanError[]): Located => {
  if (path.split('.').length > limits.depth) {
    errors.push(tooLarge('depth', leaf.place))
    return located
  }
  const { value, place } = located
  const parts = located.parts ?? new Map<string, Located>()
  if (value !== null && typeof value !== 'object') {
    errors.push({
      _tag: 'BadStructure',
      place: leaf.place,
      key: name,
      expected: 'a path into a map or a list',
      actual: `one into ${kindOf(value)}`,
    })
    return located
  }
  const head = parts.has(path) ? path : (headOf(path, parts) ?? path.split('.', 1)[0] ?? path)
  const rest = path.slice(head.length + 1)
  const before = parts.get(head)
  if (value !== null && !isMap(value) && before === undefined) {
    errors.push({
      _tag: 'BadStructure',
      place: leaf.place,
      key: name,
      expected: `a path to one of ${value.length} items, counted from 0`,
      actual: `'${head.slice(0, 40)}'`,
    })
    return located
  }
  const inner =
    rest === '' && head === path
      ? leaf
      : withLeaf(before ?? { value: null, place: leaf.place }, rest, leaf, name, errors)
  const changed = new Map(parts).set(head, inner)
  return value !== null && !isMap(value) ? locatedList([...changed.values()], place) : locatedMap(changed, place)
}
