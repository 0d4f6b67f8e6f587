import type { Node, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import type { Located } from '../config-types.js'
import { limits, tooLarge } from '../limits.js'
import { coreValue } from './core-value.js'
import {
  isMap as isMapValue,
  kindOf,
  locatedList,
  locatedMap,
  locatedScalar,
  numberProblem,
  type Reading,
  refusedKey,
} from './located.js'
import { oldKeyWarning, oldYamlWarning } from './old-yaml.js'
import { isAlias, isMap, isPair, isScalar } from './yaml-library.js'

/** The state of reading a document from top to bottom. */
interface Walk {
  readonly placeAt: (offset: number) => Place
  readonly errors: PlanError[]
  readonly warnings: PlanWarning[]
  readonly anchors: Map<string, Located | 'open'>
  readonly measures: Map<Located, Measure>
  /** Number of values so far, aliases expanded. */
  count: number
}

/** Sizes of containers with aliases expanded, so that a small text cannot grow without limit. */
interface Measure {
  readonly size: number
  readonly height: number
}

/** Converts the YAML library's document to located values; `warnings` are those found so far. */
export const yamlValues = (
  contents: Node | null,
  placeAt: (offset: number) => Place,
  warnings: readonly PlanWarning[],
): Reading => {
  const walk: Walk = { placeAt, errors: [], warnings: [...warnings], anchors: new Map(), measures: new Map(), count: 0 }
  const located = contents === null ? undefined : locate(walk, contents, 1, placeOf(walk, contents))
  return { located: located?.value === null ? undefined : located, errors: walk.errors, warnings: walk.warnings }
}

const standard = 'tag:yaml.org,2002:'
const floatTag = `${standard}float`

/** Translates a warning of the library; undefined for `!!float`, which is handled in this file. */
export const libraryWarning = (message: string, place: Place): PlanWarning | undefined => {
  const tag = /^Unresolved tag: (.*)$/s.exec(message)?.[1]
  if (tag === floatTag) return undefined
  return tag === undefined ? { _tag: 'YamlWarning', place, reason: message } : unknownTag(tag, place)
}

const unknownTag = (tag: string, place: Place): PlanWarning => ({
  _tag: 'YamlWarning',
  place,
  reason: `the tag ${tag.replace(standard, '!!')} has no meaning here; the value is read without it`,
})

const placeOf = (walk: Walk, node: Node): Place => walk.placeAt(node.range?.[0] ?? 0)

const warn = (walk: Walk, warning: PlanWarning | undefined): void => {
  if (warning !== undefined) walk.warnings.push(warning)
}

const spend = (walk: Walk, size: number, place: Place): boolean => {
  if (walk.count <= limits.values && walk.count + size > limits.values) walk.errors.push(tooLarge('values', place))
  walk.count += size
  return walk.count <= limits.values
}

const locate = (walk: Walk, node: Node, depth: number, place: Place): Located => {
  if (isAlias(node)) return follow(walk, node.source, depth, place)
  const { anchor } = node
  if (anchor !== undefined) walk.anchors.set(anchor, 'open')
  const made = valueOf(walk, node, depth, place)
  if (anchor !== undefined) walk.anchors.set(anchor, made)
  return made
}

const valueOf = (walk: Walk, node: Scalar | YAMLMap | YAMLSeq, depth: number, place: Place): Located => {
  spend(walk, 1, place)
  if (isScalar(node)) return scalarOf(walk, node, place)
  const located = isMap(node) ? mapOf(walk, node, depth, place) : listOf(walk, node, depth, place)
  let size = 1
  let height = 0
  for (const part of located.parts?.values() ?? []) {
    const measure = walk.measures.get(part)
    size += measure?.size ?? 1
    height = Math.max(height, measure?.height ?? 0)
  }
  walk.measures.set(located, { size, height: height + 1 })
  return located
}

/** The value of an alias, located at the alias. */
const follow = (walk: Walk, name: string, depth: number, place: Place): Located => {
  const nothing = locatedScalar(null, place)
  const target = walk.anchors.get(name)
  if (target === undefined || target === 'open') {
    const reason =
      target === undefined
        ? `the alias *${name} has no anchor &${name} before it`
        : `the alias *${name} is inside the value it refers to`
    walk.errors.push({ _tag: 'YamlSyntax', place, reason })
    return nothing
  }
  const measure = walk.measures.get(target) ?? { size: 1, height: 0 }
  if (!spend(walk, measure.size, place)) return nothing
  if (depth + measure.height - 1 > limits.depth) {
    walk.errors.push(tooLarge('depth', place))
    return nothing
  }
  const here = { ...target, place }
  walk.measures.set(here, measure)
  return here
}

const scalarOf = (walk: Walk, node: Scalar, place: Place): Located => {
  const { source = '' } = node
  const value = plainOf(walk, node, place)
  if (typeof value === 'string' && value.length > limits.scalar) walk.errors.push(tooLarge('scalar', place))
  const refused = typeof value === 'number' ? numberProblem(value, source, place) : undefined
  if (refused !== undefined) walk.errors.push(refused)
  if (node.type === 'PLAIN' && node.tag === undefined) warn(walk, oldYamlWarning(source, node.value, place))
  return locatedScalar(value, place)
}

/** The library reads scalars with unknown tags as text, and `!!float` only if the text has a decimal point. */
const plainOf = (walk: Walk, node: Scalar, place: Place): null | boolean | number | string => {
  const { value, source = '', tag, type } = node
  if (typeof value === 'object') return null
  if (typeof value !== 'string' || tag === undefined || tag === '!' || tag === `${standard}str`)
    return value as string | number | boolean
  if (tag === floatTag) {
    const number = coreValue(source)
    if (typeof number === 'number') return number
    walk.warnings.push(unknownTag(tag, place))
  }
  return type === 'PLAIN' ? coreValue(source) : value
}

const listOf = (walk: Walk, node: YAMLSeq, depth: number, place: Place): Located =>
  locatedList(
    node.items.map((item) =>
      isPair(item) || item === null
        ? locatedScalar(null, place)
        : locate(walk, item as Node, depth + 1, placeOf(walk, item as Node)),
    ),
    place,
  )

const mapOf = (walk: Walk, node: YAMLMap, depth: number, place: Place): Located => {
  const own = new Map<string, Located>()
  const keys = new Map<string, Place>()
  const merges: Located[] = []
  for (const pair of node.items) {
    const named = keyOf(walk, pair.key as Node | null, place)
    if (named === undefined) continue
    const value = entryOf(walk, pair.value as Node | null, depth, named.place)
    const first = keys.get(named.key)
    if (named.key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN')
      for (const one of mergeSources(walk, value)) merges.push(one)
    else if (first !== undefined) walk.errors.push({ _tag: 'DuplicateKey', place: named.place, key: named.key, first })
    else {
      keys.set(named.key, named.place)
      own.set(named.key, value)
    }
  }
  return locatedMap(merges.length === 0 ? own : merged(walk, merges, own, place), place)
}

/** The value of a key; it has the place of the key if it is absent or starts on another line. */
const entryOf = (walk: Walk, node: Node | null, depth: number, keyPlace: Place): Located => {
  if (node === null) return locatedScalar(null, keyPlace)
  const own = placeOf(walk, node)
  const empty = isScalar(node) && node.value === null && (node.source ?? '') === ''
  return locate(walk, node, depth + 1, own.line === keyPlace.line && !empty ? own : keyPlace)
}

const keyOf = (
  walk: Walk,
  node: Node | null,
  fallback: Place,
): { readonly key: string; readonly place: Place } | undefined => {
  const place = node === null ? fallback : placeOf(walk, node)
  const key = keyText(walk, node, place)
  if (isScalar(node) && node.anchor !== undefined && key !== undefined)
    walk.anchors.set(node.anchor, locatedScalar(key, place))
  if (key === undefined) {
    const reason = isScalar(node) || node === null ? 'a key is missing here' : 'a key must be text, not a list or a map'
    walk.errors.push({ _tag: 'YamlSyntax', place, reason })
    return undefined
  }
  const problem = key.length > limits.key ? tooLarge('key', place) : refusedKey(key, place)
  if (problem !== undefined) walk.errors.push(problem)
  if (isScalar(node) && node.type === 'PLAIN') warn(walk, oldKeyWarning(node.source ?? '', node.value, place))
  return problem === undefined ? { key, place } : undefined
}

const keyText = (walk: Walk, node: Node | null, place: Place): string | undefined => {
  if (isScalar(node)) return typeof node.value === 'string' ? node.value : node.source || undefined
  if (!isAlias(node)) return undefined
  const { value } = follow(walk, node.source, 0, place)
  return typeof value === 'object' ? undefined : String(value)
}

/** Own values win, then those of the first source. Merged values come first in order, as in PyYAML. */
const merged = (
  walk: Walk,
  sources: readonly Located[],
  own: ReadonlyMap<string, Located>,
  place: Place,
): ReadonlyMap<string, Located> => {
  const whole = new Map<string, Located>()
  const fit = sources.filter((source) => spend(walk, source.parts?.size ?? 0, place))
  for (const source of fit.reverse()) for (const [name, part] of source.parts ?? []) whole.set(name, part)
  for (const [name, part] of own) whole.set(name, part)
  return whole
}

/** The sources of `<<`: a map, or a list of maps whose first wins. */
const mergeSources = (walk: Walk, source: Located): readonly Located[] => {
  const sources = Array.isArray(source.value) ? [...(source.parts?.values() ?? [])] : [source]
  const maps = sources.filter(({ value }) => isMapValue(value))
  if (maps.length < sources.length && walk.count <= limits.values)
    walk.errors.push({
      _tag: 'BadStructure',
      place: source.place,
      key: '<<',
      expected: 'an alias of a map or a list of such',
      actual: kindOf(source.value),
    })
  return maps
}
