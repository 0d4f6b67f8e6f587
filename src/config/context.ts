import * as E from 'fp-ts/lib/Either.js'
import { joinNamespaces } from '../declare/names.js'
import type { Place, PlanError } from '../errors.js'
import { documentOf } from './document.js'
import { contextOrigin, type DocumentReader } from './document-reader.js'
import { findPart, nameOf, partOf, topOf, type FoundPart } from './find-part.js'
import { limits, tooLarge } from './limits.js'
import { layerOf, type Layer } from './overlay.js'
import { isReserved } from './structure.js'
import type { ConfigDocument, ContextSpec, Documents, Located, ResolveOptions } from './config-types.js'
import { resolveOrigin, splitPart } from './uses.js'

/** Contexts as layers over configs, in the order in which they are laid: later ones win. */
export interface Contexts {
  /** Over all configs. */
  readonly general: readonly Layer[]
  /** Then over the configs of one namespace; the empty one is the top. */
  readonly spaced: ReadonlyMap<string, readonly Layer[]>
  /** At last, over all again: `--set`. */
  readonly last: readonly Layer[]
  /** For run info; undefined where there is none. */
  readonly name: string | undefined
  /** Documents that were read. */
  readonly documents: ReadonlySet<ConfigDocument>
  readonly errors: readonly PlanError[]
}

/** What places in values of `--set` say. */
export const setOrigin = '--set'

/**
 * Turns contexts into layers. Order, later wins: contexts in their order with the contexts they use after each, then
 * what is for namespaces, then `set`.
 */
export const gatherContexts = (documents: Documents, options: ResolveOptions, reader: DocumentReader): Contexts => {
  const errors: PlanError[] = []
  const general: Layer[] = []
  const spaced = new Map<string, Layer[]>()
  const seen = new Set<ConfigDocument>()
  const names: string[] = []
  let visits = 0

  const lay = (namespace: string | undefined, values: ReadonlyMap<string, Located>, place: Place): void => {
    const layer = layerOf(namespace, valuesOf(values), place)
    if (namespace === undefined) return void general.push(layer)
    const before = spaced.get(namespace)
    if (before === undefined) spaced.set(namespace, [layer])
    else before.push(layer)
  }

  const visit = (
    found: FoundPart,
    document: ConfigDocument,
    namespace: string,
    place: Place,
    above: readonly string[],
  ): void => {
    if (++visits > limits.contexts || above.length >= limits.depth) {
      if (visits === limits.contexts + 1 || above.length >= limits.depth) errors.push(tooLarge('contexts', place))
      return
    }
    if (above.includes(found.id)) {
      errors.push({ _tag: 'UsesCycle', place, path: [...above.slice(above.indexOf(found.id)), found.id] })
      return
    }
    seen.add(document)
    const { values } = found.part
    for (const one of structureIn(values, atTop)) errors.push(one)
    lay(namespace === '' ? undefined : namespace, values, found.part.place) // a context that is used as a namespace is for that one
    const uses = reader.usesOf(found.origin, found.part)
    for (const one of uses.errors) errors.push(one)
    for (const entry of uses.entries) {
      // a context given as an object has no place among the documents, but may use its own parts
      const used = entry.origin === document.origin ? document : documents.get(entry.origin)
      if (used !== undefined && !whole(used, entry.part, entry.place)) continue
      const outcome =
        used === undefined
          ? findPart(documents, entry.origin, entry.part, entry.place)
          : partOf(used, entry.part, entry.place)
      if (E.isLeft(outcome)) errors.push(outcome.left)
      else if (used !== undefined)
        visit(outcome.right, used, joinNamespaces(namespace, entry.namespace), entry.place, [...above, found.id])
    }
    for (const [name, inner] of values.get('for_namespaces')?.parts ?? []) {
      for (const one of structureIn(inner.parts ?? new Map(), inNamespace)) errors.push(one)
      lay(joinNamespaces(namespace, name), inner.parts ?? new Map(), inner.place)
    }
  }

  /** A file of several parts is no context; one of its parts may be. */
  const whole = (document: ConfigDocument, part: string | undefined, place: Place): boolean => {
    if (part !== undefined || document.parts.has('')) return true
    errors.push({ _tag: 'ContextStructure', place, key: 'configs' })
    return false
  }

  for (const spec of options.contexts ?? []) {
    const given = contextDocument(documents, spec, reader)
    if (E.isLeft(given)) {
      for (const one of given.left) errors.push(one)
      continue
    }
    const { document, part } = given.right
    const found = partOf(document, part, undefined)
    if (!whole(document, part, topOf(document))) continue
    if (E.isLeft(found)) errors.push(found.left)
    else {
      names.push(
        typeof spec === 'string'
          ? nameOf(document.origin, found.right.part.name, options.configsFolder ?? 'configs')
          : namesOf(contextOrigin, spec),
      )
      visit(found.right, document, '', found.right.part.place, [])
    }
  }

  const last: Layer[] = []
  const set = options.set === undefined ? undefined : documentOf(setOrigin, options.set)
  if (set !== undefined && E.isLeft(set)) for (const one of set.left) errors.push(one)
  else if (set !== undefined && options.set !== undefined && Object.keys(options.set).length > 0) {
    for (const part of set.right.parts.values()) {
      for (const one of structureIn(part.values, inNamespace)) errors.push(one)
      last.push(layerOf(undefined, valuesOf(part.values), part.place))
    }
    names.push(namesOf(setOrigin, options.set))
  }
  return { general, spaced, last, name: names.length === 0 ? undefined : names.join('; '), documents: seen, errors }
}

const contextDocument = (
  documents: Documents,
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
  const document = documents.get(origin.right)
  if (document !== undefined) return E.right({ document, part })
  const missing = findPart(documents, origin.right, part, undefined)
  return E.left(E.isLeft(missing) ? [missing.left] : [])
}

const atTop: ReadonlySet<string> = new Set(['tasks', 'excluded_tasks', 'configs'])
const inNamespace: ReadonlySet<string> = new Set([...atTop, 'uses', 'for_namespaces', 'main_part'])

const structureIn = (values: ReadonlyMap<string, Located>, refused: ReadonlySet<string>): readonly PlanError[] =>
  [...values].flatMap(([key, located]): PlanError[] =>
    refused.has(key) ? [{ _tag: 'ContextStructure', place: located.place, key }] : [],
  )

const valuesOf = (values: ReadonlyMap<string, Located>): ReadonlyMap<string, Located> =>
  new Map([...values].filter(([name]) => !isReserved(name) || name === 'human_readable_data_name'))

/** `context(min_votes, year)`: what an object without a name of its own is called. */
const namesOf = (origin: string, values: object): string => {
  const all = Object.keys(values).sort().join(', ')
  return `${origin}(${all.length > 200 ? `${all.slice(0, 199)}…` : all})`
}
