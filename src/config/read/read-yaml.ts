import type { CST, Node, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import { coreValue } from './core-value.js'
import { kindOf, locatedList, locatedMap, locatedScalar, refusedKey, type Reading } from './located.js'
import { numberProblem } from './number-problem.js'
import { oldKeyWarning, oldYamlWarning } from './old-yaml.js'
import type { ConfigValue, Located } from '../config-types.js'
import { isAlias, isMap, isPair, isScalar, isSeq, yamlLibrary } from './yaml-library.js'
import { compose, tokensOf, type Composed } from './yaml-syntax.js'

/**
 * `version` and `schema` in one: a `%YAML 1.1` line changes nothing. Keys are compared here, since the library compares
 * each with each.
 */
const options = {
  version: '1.2',
  schema: 'core',
  uniqueKeys: false,
  prettyErrors: false,
  resolveKnownTags: false,
  logLevel: 'silent',
} as const

/**
 * Reads YAML 1.2 (core schema and `<<`) with the place of every value. Tells all syntax errors, not the first alone.
 */
export const readYaml = (origin: string, text: string): Reading => {
  const lines = new (yamlLibrary().LineCounter)()
  const read = tokensOf(text, lines.addNewLine)
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { origin, line: Math.max(1, line), column: Math.max(1, col) }
  }
  if ('passed' in read)
    return { located: undefined, errors: [tooLarge(read.passed, placeAt(read.offset))], warnings: [] }
  const deep = tooDeep(read.tokens)
  if (deep !== undefined) return { located: undefined, errors: [tooLarge('depth', placeAt(deep))], warnings: [] }
  const composed = compose(read.tokens, text.length, options)
  const errors = syntaxErrors(composed, placeAt)
  const { first } = composed
  if (errors.length > 0 || first === undefined) return { located: undefined, errors, warnings: [] }
  const unknownTags = first.warnings.filter(({ message }) => message !== `Unresolved tag: ${floatTag}`)
  const warnings = unknownTags.map(
    (warning): PlanWarning => ({
      _tag: 'YamlWarning',
      place: placeAt(warning.pos[0]),
      reason: inOurWords(warning.message),
    }),
  )
  return walk(first.contents as Node | null, placeAt, warnings)
}

const standard = 'tag:yaml.org,2002:'
const floatTag = `${standard}float`

const inOurWords = (message: string): string => {
  const tag = /^Unresolved tag: (.*)$/s.exec(message)?.[1]
  return tag === undefined
    ? message
    : `the tag ${tag.replace(standard, '!!')} means nothing here; the value is taken without it`
}

/** Offset of the first value nested too deeply. The parser is fine with any depth, what comes after it is recursive. */
const tooDeep = (tokens: readonly CST.Token[]): number | undefined => {
  let level: readonly CST.Token[] = tokens.flatMap((token) =>
    token.type === 'document' && token.value !== undefined ? [token.value] : [],
  )
  for (let depth = 0; level.length > 0; depth++) {
    const inner: CST.Token[] = []
    for (const token of level) {
      if (!('items' in token)) continue
      if (depth >= limits.depth) return token.offset
      for (const item of token.items) {
        if (item.key != null && 'items' in item.key) inner.push(item.key)
        if (item.value != null && 'items' in item.value) inner.push(item.value)
      }
    }
    level = inner
  }
  return undefined
}

const syntaxErrors = ({ problems, second }: Composed, placeAt: (offset: number) => Place): PlanError[] => {
  const errors = problems
    .slice(0, limits.errors)
    .map(({ offset, message }): PlanError => ({ _tag: 'YamlSyntax', place: placeAt(offset), reason: message }))
  if (problems.length > limits.errors) errors.push(tooLarge('errors', placeAt(problems[limits.errors]?.offset ?? 0)))
  if (second !== undefined)
    errors.push({
      _tag: 'YamlSyntax',
      place: placeAt(second),
      reason: "a second document starts here; for several configs in one file use 'configs'",
    })
  return errors
}

/** Sizes of containers with aliases followed, so that what is small as text cannot grow without limit. */
interface Measure {
  readonly size: number
  readonly height: number
}

const walk = (contents: Node | null, placeAt: (offset: number) => Place, warnings: PlanWarning[]): Reading => {
  const errors: PlanError[] = []
  const anchors = new Map<string, Located | 'open'>()
  const measures = new Map<Located, Measure>()
  let count = 0

  const placeOf = (node: Node): Place => placeAt(node.range?.[0] ?? 0)
  const spend = (size: number, place: Place): boolean => {
    if (count <= limits.values && count + size > limits.values) errors.push(tooLarge('values', place))
    count += size
    return count <= limits.values
  }
  const anchored = (node: Node, make: () => Located): Located => {
    const name = 'anchor' in node ? node.anchor : undefined
    if (name === undefined) return make()
    anchors.set(name, 'open')
    const made = make()
    anchors.set(name, made)
    return made
  }

  const locate = (node: Node, depth: number, place: Place): Located => {
    if (isAlias(node)) return follow(node.source, depth, place)
    if (isScalar(node)) return anchored(node, () => scalar(node, place))
    if (isMap(node)) return anchored(node, () => map(node, depth, place))
    if (isSeq(node)) return anchored(node, () => list(node, depth, place))
    return locatedScalar(null, place)
  }

  const follow = (name: string, depth: number, place: Place): Located => {
    const target = anchors.get(name)
    if (target === undefined || target === 'open') {
      errors.push({
        _tag: 'YamlSyntax',
        place,
        reason:
          target === undefined
            ? `the alias *${name} has no anchor &${name} before it`
            : `the alias *${name} is inside of what it stands for`,
      })
      return locatedScalar(null, place)
    }
    const { size, height } = measures.get(target) ?? { size: 1, height: 0 }
    if (!spend(size, place)) return locatedScalar(null, place)
    if (depth + height - 1 > limits.depth) {
      errors.push(tooLarge('depth', place))
      return locatedScalar(null, place)
    }
    const here = { ...target, place }
    measures.set(here, { size, height })
    return here
  }

  const scalar = (node: Scalar, place: Place): Located => {
    spend(1, place)
    const value = valueOf(node, place)
    if (typeof value === 'string' && value.length > limits.scalar) errors.push(tooLarge('scalar', place))
    const refused = typeof value === 'number' ? numberProblem(value, node.source ?? '', place) : undefined
    if (refused !== undefined) errors.push(refused)
    if (node.type === 'PLAIN' && node.tag === undefined) warn(oldYamlWarning(node.source ?? '', node.value, place))
    return locatedScalar(value, place)
  }

  const warn = (warning: PlanWarning | undefined): void => {
    if (warning !== undefined) warnings.push(warning)
  }

  /** The library makes text of what has a tag that it does not know, and knows `!!float` of texts with a point only. */
  const valueOf = (node: Scalar, place: Place): null | boolean | number | string => {
    const { value, source = '', tag, type } = node
    if (typeof value === 'object') return null
    if (typeof value !== 'string' || tag === undefined || tag === '!' || tag === `${standard}str`)
      return value as string | number | boolean
    if (tag === floatTag) {
      const number = coreValue(source)
      if (typeof number === 'number') return number
      warn({ _tag: 'YamlWarning', place, reason: inOurWords(`Unresolved tag: ${tag}`) })
    }
    return type === 'PLAIN' ? coreValue(source) : value
  }

  const list = (node: YAMLSeq, depth: number, place: Place): Located => {
    spend(1, place)
    const items = node.items.map((item) =>
      isPair(item) || item === null
        ? locatedScalar(null, place)
        : locate(item as Node, depth + 1, placeOf(item as Node)),
    )
    return measured(locatedList(items, place), items)
  }

  const measured = (located: Located, parts: Iterable<Located>): Located => {
    let size = 1
    let height = 0
    for (const part of parts) {
      const measure = measures.get(part)
      size += measure?.size ?? 1
      height = Math.max(height, measure?.height ?? 0)
    }
    measures.set(located, { size, height: height + 1 })
    return located
  }

  const keyOf = (node: Node | null, fallback: Place): { readonly key: string; readonly place: Place } | undefined => {
    const place = node === null ? fallback : placeOf(node)
    const key = isAlias(node)
      ? textOf(follow(node.source, 0, place).value)
      : isScalar(node)
        ? typeof node.value === 'string'
          ? node.value
          : (node.source ?? '') || undefined
        : undefined
    if (isScalar(node) && node.anchor !== undefined && key !== undefined)
      anchors.set(node.anchor, locatedScalar(key, place))
    if (key === undefined) {
      errors.push({
        _tag: 'YamlSyntax',
        place,
        reason: isScalar(node) || node === null ? 'a key is missing here' : 'a key must be text, not a list or a map',
      })
      return undefined
    }
    const problem = key.length > limits.key ? tooLarge('key', place) : refusedKey(key, place)
    if (problem !== undefined) errors.push(problem)
    if (isScalar(node) && node.type === 'PLAIN') warn(oldKeyWarning(node.source ?? '', node.value, place))
    return problem === undefined ? { key, place } : undefined
  }

  const map = (node: YAMLMap, depth: number, place: Place): Located => {
    spend(1, place)
    const parts = new Map<string, Located>()
    const keys = new Map<string, Place>()
    const merges: Located[] = []
    for (const pair of node.items) {
      const named = keyOf(pair.key as Node | null, place)
      const valueNode = pair.value as Node | null
      if (named === undefined) continue
      const valuePlace = valueNode === null ? named.place : placeOf(valueNode)
      const empty = isScalar(valueNode) && valueNode.value === null && (valueNode.source ?? '') === ''
      const at = valuePlace.line === named.place.line && !empty ? valuePlace : named.place
      const value = valueNode === null ? locatedScalar(null, at) : locate(valueNode, depth + 1, at)
      if (named.key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
        for (const one of mergeSources(value, at)) merges.push(one)
        continue
      }
      const first = keys.get(named.key)
      if (first !== undefined) errors.push({ _tag: 'DuplicateKey', place: named.place, key: named.key, first })
      else {
        keys.set(named.key, named.place)
        parts.set(named.key, value)
      }
    }
    const values = merges.length === 0 ? parts : merged(merges, parts, place)
    return measured(locatedMap(values, place), values.values())
  }

  /** Own values win, then those of the first source. What `<<` brings stands first, as PyYAML has it. */
  const merged = (
    sources: readonly Located[],
    own: ReadonlyMap<string, Located>,
    place: Place,
  ): ReadonlyMap<string, Located> => {
    const whole = new Map<string, Located>()
    const fit = sources.filter((source) => spend(source.parts?.size ?? 0, place))
    for (const source of fit.reverse()) for (const [name, part] of source.parts ?? []) whole.set(name, part)
    for (const [name, part] of own) whole.set(name, part)
    return whole
  }

  /** What `<<` takes values from: a map or maps, the first in a list wins. */
  const mergeSources = (value: Located, place: Place): readonly Located[] => {
    const sources = Array.isArray(value.value) ? [...(value.parts?.values() ?? [])] : [value]
    const maps = sources.filter(
      (source) => typeof source.value === 'object' && source.value !== null && !Array.isArray(source.value),
    )
    if (maps.length < sources.length && count <= limits.values)
      errors.push({
        _tag: 'BadStructure',
        place,
        key: '<<',
        expected: 'an alias of a map or a list of such',
        actual: kindOf(value.value),
      })
    return maps
  }

  const located = contents === null ? undefined : locate(contents, 1, placeOf(contents))
  return { located: located?.value === null ? undefined : located, errors, warnings }
}

const textOf = (value: ConfigValue): string | undefined => (typeof value === 'object' ? undefined : String(value))
