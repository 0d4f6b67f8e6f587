import * as E from 'fp-ts/lib/Either.js'
import { nearest } from '../base/suggest.js'
import { isSafeName } from '../declare/names.js'
import type { Place, PlanError } from '../errors.js'
import type { ConfigDocument, ConfigPart, Documents, ResolveOptions } from './config-types.js'
import { documentOf, type ParsedDocument } from './document.js'
import { placeholdersOf } from './placeholders.js'

/** How documents name each other: entries of `uses`, the parts they mean, and paths between files. */

/** One entry of `uses`, understood: `path[#part][ as namespace]`. */
export interface UsesEntry {
  /** Of the file used, relative to the project's root. */
  readonly origin: string
  /** Undefined: the main part. */
  readonly part: string | undefined
  /** Empty: the namespace of the config that says it. */
  readonly namespace: string
  readonly place: Place
  /** The path as the config says it. */
  readonly written: string
}

/** Everything under `uses` of a part. */
export interface Uses {
  readonly entries: readonly UsesEntry[]
  readonly errors: readonly PlanError[]
}

/** What paths are resolved by. */
export interface PathOptions {
  /** Fills placeholders in. */
  readonly text: (text: string) => string
  /** The project's root as an absolute path. */
  readonly root: string | undefined
}

/** Everything under `uses` of a part; what is wrong with an entry is reported, the others are read all the same. */
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

/** `target as namespace` taken apart at its last ` as `. */
const splitNamespace = (text: string): { readonly target: string; readonly as: string | undefined } => {
  if (text.endsWith(' as')) return { target: text.slice(0, -3).trim(), as: '' }
  const at = text.lastIndexOf(' as ')
  return at < 0 ? { target: text, as: undefined } : { target: text.slice(0, at).trim(), as: text.slice(at + 4).trim() }
}

/** `file#part` taken apart at its last `#`. */
export const splitPart = (target: string): { readonly path: string; readonly part: string | undefined } => {
  const at = target.lastIndexOf('#')
  return at < 0
    ? { path: target, part: undefined }
    : { path: target.slice(0, at), part: target.slice(at + 1) || undefined }
}

/**
 * The origin that a path means: relative to the file that says it, absolute ones relative to the root; or why it means
 * none.
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
  if (path.includes('\0')) return E.left('it holds a NUL character')
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
 * A path by which a file may name another one, both as the project sees them; undefined where there is none.
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

/** Without `.`, `..` inside and double slashes; a `..` at the start of a relative path stays. */
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

/** An absolute path as seen from the root, both absolute. */
const relativeTo = (root: string, path: string): string => {
  const above = normalised(root).split('/').filter(Boolean)
  const wanted = normalised(path).split('/').filter(Boolean)
  let common = 0
  while (common < above.length && common < wanted.length && above[common] === wanted[common]) common++
  return [...above.slice(common).map(() => '..'), ...wanted.slice(common)].join('/')
}

/** The error of a namespace with a segment that cannot become part of a path. */
const namespaceProblem = (namespace: string, place: Place | undefined): PlanError | undefined =>
  namespace.split('::').every(isSafeName)
    ? undefined
    : { _tag: 'UnsafeName', place, what: 'namespace', name: namespace }

/** A part of a document with the name it goes by: `origin` or `origin#part`. */
export interface FoundPart {
  readonly id: string
  readonly origin: string
  readonly name: string
  readonly uses: ConfigPart['uses']
}

/** The part of a document that is meant; the main one where none is named. */
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

/** Finds a part that a file or a person names. */
export type FindPart = (
  origin: string,
  name: string | undefined,
  place: Place | undefined,
) => E.Either<PlanError, FoundPart>

/** The same among documents, some of which may be missing. */
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

/** Suggested origins as a config would have to say them where it names another one. */
export const nearToPlace = (near: readonly string[], place: Place | undefined): readonly string[] =>
  place === undefined ? near : near.flatMap((origin) => pathFrom(place.origin, origin) ?? [])

/** `origin` or `origin#part`. */
export const idOf = (origin: string, part: string): string => (part === '' ? origin : `${origin}#${part}`)

/**
 * Name of a config for people and links: the path below the folder of configs, without extension, with the part.
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
 * What documents say about each other, read once: loading follows it to other files, resolving to namespaces and
 * contexts.
 */
export interface DocumentReader {
  readonly paths: PathOptions
  /** What a part uses, by what it says under `uses`. */
  readonly usesOf: (origin: string, texts: ConfigPart['uses']) => Uses
  /** A context that is given as an object. */
  readonly contextOf: (values: object) => ParsedDocument
}

/** Name that a context has which is given as an object: what places in it say. */
export const contextOrigin = 'context'

/** Remembers by part and by object: one for each planner, which reads what it reads once. */
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
