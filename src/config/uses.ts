import * as E from 'fp-ts/lib/Either.js'
import { nearest } from '../base/suggest.js'
import { isSafeName } from '../declare/names.js'
import type { Place, PlanError } from '../errors.js'
import type { ConfigDocument, ConfigPart, Documents, ResolveOptions } from './config-types.js'
import { documentOf, type ParsedDocument } from './document.js'
import { placeholdersOf } from './placeholders.js'

/** References between documents: entries of `uses`, the parts they name, and paths between files. */

/** One parsed entry of `uses`: `path[#part][ as namespace]`. */
export interface UsesEntry {
  /** Origin of the used file, relative to the project's root. */
  readonly origin: string
  /** Undefined: the main part. */
  readonly part: string | undefined
  /** Empty: the namespace of the using config. */
  readonly namespace: string
  readonly place: Place
  /** The path as written in the config. */
  readonly written: string
}

/** Everything under `uses` of a part. */
export interface Uses {
  readonly entries: readonly UsesEntry[]
  readonly errors: readonly PlanError[]
}

/** Settings for resolving paths. */
export interface PathOptions {
  /** Expands placeholders. */
  readonly text: (text: string) => string
  /** The project's root as an absolute path. */
  readonly root: string | undefined
}

/** Parses all entries of a part's `uses`; an invalid entry is reported and does not affect the others. */
export const usesOf = (origin: string, texts: ConfigPart['uses'], options: PathOptions): Uses => {
  const entries: UsesEntry[] = []
  const errors: PlanError[] = []
  for (const { text, place } of texts) {
    const entry = usesEntry(origin, text, place, options)
    if (E.isLeft(entry)) errors.push(entry.left)
    else entries.push(entry.right)
  }
  return { entries, errors }
}

const usesEntry = (from: string, text: string, place: Place, options: PathOptions): E.Either<PlanError, UsesEntry> => {
  const { target, as } = splitNamespace(text.trim())
  const namespace = as === undefined ? '' : options.text(as)
  const problem = as === undefined ? undefined : namespaceProblem(namespace, place)
  if (problem !== undefined) return E.left(problem)
  const { path, part } = splitPart(target)
  const origin = target === '' ? E.left('it is empty') : resolveOrigin(from, options.text(path), options)
  if (E.isLeft(origin)) return E.left({ _tag: 'UnknownPath', place, path: text, reason: origin.left })
  return E.right({
    origin: origin.right,
    part: part === undefined ? undefined : options.text(part),
    namespace,
    place,
    written: path,
  })
}

/** Splits `target as namespace` at its last ` as `; after a `#` at the end there is none: `one as two.yaml#`. */
const splitNamespace = (text: string): { readonly target: string; readonly as: string | undefined } => {
  if (text.endsWith('#')) return { target: text, as: undefined }
  if (text.endsWith(' as')) return { target: text.slice(0, -3).trim(), as: '' }
  const at = text.lastIndexOf(' as ')
  return at < 0 ? { target: text, as: undefined } : { target: text.slice(0, at).trim(), as: text.slice(at + 4).trim() }
}

/** Splits `file#part` at its last `#`. */
export const splitPart = (target: string): { readonly path: string; readonly part: string | undefined } => {
  const at = target.lastIndexOf('#')
  return at < 0
    ? { path: target, part: undefined }
    : { path: target.slice(0, at), part: target.slice(at + 1) || undefined }
}

/**
 * Resolves a path to an origin: relative to the file that contains it, or for absolute paths relative to the root. Left
 * is the reason if the path is invalid.
 * The empty path is the file itself.
 *
 * @example resolveOrigin('configs/a.yaml', '../shared.yaml', { root: '/home/me/project' })   // right('shared.yaml')
 */
export const resolveOrigin = (
  from: string,
  path: string,
  options: { readonly root: string | undefined },
): E.Either<string, string> => {
  if (path === '') return E.right(from)
  if (path.includes('\0')) return E.left('it contains a NUL character')
  if (path.includes('\\')) return E.left("use '/' between folders")
  if (path.length > 4096) return E.left('it is longer than 4,096 characters')
  if (path.startsWith('/'))
    return E.right(options.root === undefined ? normalised(path) : relativeTo(options.root, path))
  const folder = from.slice(0, from.lastIndexOf('/') + 1)
  return E.right(
    folder.startsWith('/') && options.root !== undefined
      ? relativeTo(options.root, folder + path)
      : normalised(folder + path),
  )
}

/**
 * A path by which one file can refer to another, both given as origins; undefined if there is none.
 *
 * @example pathFrom('configs/models/a.yaml', 'configs/base.yaml')   // '../base.yaml'
 */
export const pathFrom = (from: string, origin: string): string | undefined => {
  if (from.startsWith('/') !== origin.startsWith('/')) return undefined
  const [above, wanted] = [from.split('/').slice(0, -1), origin.split('/')]
  let common = 0
  while (common < above.length && common < wanted.length - 1 && above[common] === wanted[common]) common++
  const up = above.slice(common)
  return up.includes('..') ? undefined : [...up.map(() => '..'), ...wanted.slice(common)].join('/')
}

/** Removes `.`, inner `..` and double slashes; a `..` at the start of a relative path stays. */
const normalised = (path: string): string => {
  const absolute = path.startsWith('/')
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') kept.push(segment)
    else if (kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop()
    else if (!absolute) kept.push('..')
  }
  return (absolute ? '/' : '') + kept.join('/')
}

/** An absolute path relative to the root; both are absolute. */
const relativeTo = (root: string, path: string): string => {
  const above = normalised(root).split('/').filter(Boolean)
  const wanted = normalised(path).split('/').filter(Boolean)
  let common = 0
  while (common < above.length && common < wanted.length && above[common] === wanted[common]) common++
  return [...above.slice(common).map(() => '..'), ...wanted.slice(common)].join('/')
}

/** The error of a namespace with a segment that cannot be part of a path. */
const namespaceProblem = (namespace: string, place: Place | undefined): PlanError | undefined =>
  namespace.split('::').every(isSafeName)
    ? undefined
    : { _tag: 'UnsafeName', place, what: 'namespace', name: namespace }

/** A part of a document with its id: `origin` or `origin#part`. */
export interface FoundPart {
  readonly id: string
  readonly origin: string
  readonly name: string
  readonly uses: ConfigPart['uses']
}

/** The named part of a document; the main part if none is named. */
export const partOf = (
  document: ConfigDocument,
  name: string | undefined,
  place: Place | undefined,
): E.Either<PlanError, FoundPart> => {
  const known = [...document.parts.keys()].sort()
  const wanted = name ?? document.mainPart
  if (wanted === undefined) return E.left({ _tag: 'NoMainPart', place: place ?? topOf(document), parts: known })
  const part = document.parts.get(wanted)
  if (part === undefined)
    return E.left({
      _tag: 'UnknownPart',
      place,
      origin: document.origin,
      part: wanted,
      known: known.filter((one) => one !== ''),
    })
  const { origin } = document
  return E.right({ id: idOf(origin, part.name), origin, name: part.name, uses: part.uses })
}

/** Finds a part named by a file or a person. */
export type FindPart = (
  origin: string,
  name: string | undefined,
  place: Place | undefined,
) => E.Either<PlanError, FoundPart>

/** The same for documents, some of which may be missing. */
export const findPart = (
  documents: Documents,
  origin: string,
  name: string | undefined,
  place: Place | undefined,
): E.Either<PlanError, FoundPart> => {
  const document = documents.get(origin)
  if (document === undefined)
    return E.left({
      _tag: 'ConfigNotFound',
      origin,
      place,
      near: nearToPlace(nearest(origin, documents.keys()), place),
    })
  return partOf(document, name, place)
}

/** Suggested origins as paths that the config at this place would use; a `#` ends those that contain one or ` as `. */
export const nearToPlace = (near: readonly string[], place: Place | undefined): readonly string[] =>
  place === undefined ? near : near.flatMap((origin) => hashed(pathFrom(place.origin, origin)))

const hashed = (path: string | undefined): readonly string[] =>
  path === undefined ? [] : [/#| as /.test(path) ? `${path}#` : path]

/** `origin` or `origin#part`. */
export const idOf = (origin: string, part: string): string => (part === '' ? origin : `${origin}#${part}`)

/**
 * Name of a config for people and links: its path below the configs folder, without extension, with the part.
 *
 * @example nameOf('configs/movies/basic.yaml', 'train', 'configs')   // 'movies/basic#train'
 */
export const nameOf = (origin: string, part: string, folder: string): string => {
  const prefix = `${folder.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')}/`
  const below = prefix !== '/' && origin.startsWith(prefix) ? origin.slice(prefix.length) : origin
  return idOf(below.replace(/\.(?:ya?ml|json)$/i, ''), part)
}

/** The first line of a document. */
export const topOf = (document: ConfigDocument): Place => {
  const given = [...document.parts.values()].some((part) => part.place.line === 0)
  return { origin: document.origin, line: given ? 0 : 1, column: given ? 0 : 1 }
}

/**
 * References between documents, parsed once: loading follows them to other files, resolving to namespaces and contexts.
 */
export interface DocumentReader {
  readonly paths: PathOptions
  /** The parsed `uses` of a part. */
  readonly usesOf: (origin: string, texts: ConfigPart['uses']) => Uses
  /** A context given as an object. */
  readonly contextOf: (values: object) => ParsedDocument
}

/** The origin of places in a context given as an object. */
export const contextOrigin = 'context'

/** Memoizes by part and by object. Each planner has its own, so that it parses everything once. */
export const documentReader = ({ globals, root }: Pick<ResolveOptions, 'globals' | 'root'> = {}): DocumentReader => {
  const paths = { text: placeholdersOf(globals).text, root }
  const uses = new WeakMap<ConfigPart['uses'], Uses>()
  const contexts = new WeakMap<object, ParsedDocument>()
  return {
    paths,
    usesOf: (origin, texts) => remembered(uses, texts, () => usesOf(origin, texts, paths)),
    contextOf: (values) => remembered(contexts, values, () => documentOf(contextOrigin, values)),
  }
}

const remembered = <Key extends object, Value extends object>(
  known: WeakMap<Key, Value>,
  key: Key,
  make: () => Value,
): Value => {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
