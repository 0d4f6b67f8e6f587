import { pushTo } from '../base/grouping.js'
import * as E from 'fp-ts/lib/Either.js'
import { joinNamespaces } from '../declare/names.js'
import { isReservedName } from '../declare/param.js'
import { valueIn } from '../base/present.js'
import type { Place, PlanError } from '../errors.js'
import { documentOf } from './document.js'
import { limits, tooLarge } from './limits.js'
import { layerOf, type Layer } from './overlay.js'
import type { ConfigDocument, ContextSpec, Located, ResolveOptions } from './config-types.js'
import {
  contextOrigin,
  nameOf,
  partOf,
  resolveOrigin,
  splitPart,
  topOf,
  type DocumentReader,
  type FindPart,
  type FoundPart,
} from './uses.js'

/** Contexts as layers over configs, in order of application: later ones win. */
export interface Contexts {
  /** Applied to all configs. */
  readonly general: readonly Layer[]
  /** Applied next, to the configs of one namespace; the empty one is the top level. */
  readonly spaced: ReadonlyMap<string, readonly Layer[]>
  /** Applied last, to all configs: `--set`. */
  readonly last: readonly Layer[]
  /** For run info; undefined without contexts. */
  readonly name: string | undefined
  /** Documents that were read. */
  readonly documents: ReadonlySet<ConfigDocument>
  readonly errors: readonly PlanError[]
}

/** The origin of places in `--set` values. */
export const setOrigin = '--set'

/**
 * Turns contexts into layers. Order, later wins: contexts in the given order, each followed by the contexts it uses;
 * then values for namespaces; then `set`.
 */
export const gatherContexts = (find: Finders, options: ResolveOptions, reader: DocumentReader): Contexts => {
  const gathered: Gathered = { find, reader, errors: [], general: [], spaced: new Map(), seen: new Set(), visits: 0 }
  const names: string[] = []
  for (const spec of options.contexts ?? []) {
    const given = contextDocument(find, spec, reader)
    if (E.isLeft(given)) {
      report(gathered, given.left)
      continue
    }
    const { document, part } = given.right
    const found = contextIn(gathered, document, part, undefined)
    if (found === undefined) continue
    names.push(
      typeof spec === 'string'
        ? nameOf(document.origin, found.name, options.configsFolder ?? 'configs')
        : namesOf(contextOrigin, spec),
    )
    visit(gathered, found, document, '', valueIn(document.parts, found.name).place, [])
  }
  const { set = {} } = options
  const last = setLayers(gathered, set)
  if (last.length > 0) names.push(namesOf(setOrigin, set))
  const { general, spaced, seen, errors } = gathered
  return { general, spaced, last, name: names.length === 0 ? undefined : names.join('; '), documents: seen, errors }
}

/** How the documents of contexts and their parts are found. */
export interface Finders {
  readonly document: (origin: string) => ConfigDocument | undefined
  readonly part: FindPart
}

interface Gathered {
  readonly find: Finders
  readonly reader: DocumentReader
  readonly errors: PlanError[]
  readonly general: Layer[]
  readonly spaced: Map<string, Layer[]>
  readonly seen: Set<ConfigDocument>
  visits: number
}

const report = (gathered: Gathered, errors: readonly PlanError[]): void => {
  for (const one of errors) gathered.errors.push(one)
}

/** Applies a context's values, then those of the contexts it uses, then its values for namespaces. */
const visit = (
  gathered: Gathered,
  found: FoundPart,
  document: ConfigDocument,
  namespace: string,
  place: Place,
  above: readonly string[],
): void => {
  if (++gathered.visits > limits.contexts || above.length >= limits.depth) {
    if (gathered.visits === limits.contexts + 1 || above.length >= limits.depth)
      report(gathered, [tooLarge('contexts', place)])
    return
  }
  if (above.includes(found.id))
    return report(gathered, [{ _tag: 'UsesCycle', place, path: [...above.slice(above.indexOf(found.id)), found.id] }])
  gathered.seen.add(document)
  const { values, place: at } = valueIn(document.parts, found.name)
  report(gathered, structureIn(values, atTop))
  // a context used under a namespace applies to that namespace only
  lay(gathered, namespace === '' ? undefined : namespace, values, at)
  const uses = gathered.reader.usesOf(found.origin, found.uses)
  report(gathered, uses.errors)
  for (const { origin, part, namespace: inner, place: usedAt } of uses.entries) {
    // a context given as an object is not among the documents, but may use its own parts
    const used = origin === document.origin ? document : gathered.find.document(origin)
    if (used === undefined) {
      const missing = gathered.find.part(origin, part, usedAt)
      if (E.isLeft(missing)) report(gathered, [missing.left])
      continue
    }
    const next = contextIn(gathered, used, part, usedAt)
    if (next !== undefined) visit(gathered, next, used, joinNamespaces(namespace, inner), usedAt, [...above, found.id])
  }
  for (const [name, { parts = new Map(), place: innerAt }] of values.get('for_namespaces')?.parts ?? []) {
    report(gathered, structureIn(parts, inNamespace))
    lay(gathered, joinNamespaces(namespace, name), parts, innerAt)
  }
}

/** The part of a document that serves as a context. A file of several parts is no context, but each part may be. */
const contextIn = (
  gathered: Gathered,
  document: ConfigDocument,
  part: string | undefined,
  place: Place | undefined,
): FoundPart | undefined => {
  const found: E.Either<PlanError, FoundPart> =
    part === undefined && !document.parts.has('')
      ? E.left({ _tag: 'ContextStructure', place: place ?? topOf(document), key: 'configs' })
      : partOf(document, part, place)
  if (E.isRight(found)) return found.right
  report(gathered, [found.left])
  return undefined
}

const lay = (
  gathered: Gathered,
  namespace: string | undefined,
  values: ReadonlyMap<string, Located>,
  place: Place,
): void => {
  const layer = layerOf(namespace, valuesOf(values), place)
  if (namespace === undefined) return void gathered.general.push(layer)
  pushTo(gathered.spaced, namespace, layer)
}

/** If reading the object throws, the error is reported and the object is not read again. */
const setLayers = (gathered: Gathered, set: object): readonly Layer[] => {
  const document = documentOf(setOrigin, set)
  if (E.isLeft(document)) report(gathered, document.left)
  if (E.isLeft(document) || Object.keys(set).length === 0) return []
  return [...document.right.parts.values()].map(({ values, place }) => {
    report(gathered, structureIn(values, inNamespace))
    return layerOf(undefined, valuesOf(values), place)
  })
}

const contextDocument = (
  find: Finders,
  spec: ContextSpec,
  reader: DocumentReader,
): E.Either<readonly PlanError[], { readonly document: ConfigDocument; readonly part: string | undefined }> => {
  if (typeof spec !== 'string')
    return E.map((document: ConfigDocument) => ({ document, part: undefined }))(reader.contextOf(spec))
  const { path, part } = splitPart(spec)
  const origin = resolveOrigin('', reader.paths.text(path), reader.paths)
  if (E.isLeft(origin))
    return E.left([
      { _tag: 'UnknownPath', place: { origin: contextOrigin, line: 0, column: 0 }, path: spec, reason: origin.left },
    ])
  const document = find.document(origin.right)
  if (document !== undefined) return E.right({ document, part })
  const missing = find.part(origin.right, part, undefined)
  return E.left(E.isLeft(missing) ? [missing.left] : [])
}

const atTop: ReadonlySet<string> = new Set(['tasks', 'excluded_tasks', 'configs'])
const inNamespace: ReadonlySet<string> = new Set([...atTop, 'uses', 'for_namespaces', 'main_part'])

const structureIn = (values: ReadonlyMap<string, Located>, refused: ReadonlySet<string>): readonly PlanError[] =>
  [...values].flatMap(([key, located]): PlanError[] =>
    refused.has(key) ? [{ _tag: 'ContextStructure', place: located.place, key }] : [],
  )

const valuesOf = (values: ReadonlyMap<string, Located>): ReadonlyMap<string, Located> =>
  new Map([...values].filter(([name]) => !isReservedName(name) || name === 'human_readable_data_name'))

/** `context(min_votes, year)`: the display name of an object without a name. */
const namesOf = (origin: string, values: object): string => {
  const all = Object.keys(values).sort().join(', ')
  return `${origin}(${all.length > 200 ? `${all.slice(0, 199)}…` : all})`
}
