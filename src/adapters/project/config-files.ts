import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { contextOrigin, documentReader, type DocumentReader } from '../../config/uses.js'
import { documentOf, parseDocument } from '../../config/document.js'
import { nearToPlace, partOf } from '../../config/uses.js'
import { globalErrors } from '../../config/globals.js'
import { limits } from '../../config/limits.js'
import { sortedErrors } from '../../config/problem-order.js'
import { unfilledIn } from '../../config/placeholders.js'
import type { ConfigDocument, ConfigPart, ContextSpec, Documents, ResolveOptions } from '../../config/config-types.js'
import { resolveOrigin, splitPart } from '../../config/uses.js'
import type { Place, PlanError } from '../../errors.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import { nearest } from '../../base/suggest.js'
import { fieldOf } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'

const isConfig = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name)

/**
 * Configs on disk, below a root. Origins may lead out of it with `../`: any file that a config of the project names is
 * read.
 *
 * @example
 * const source = fileSource(process.cwd())
 * await source.list('configs') // => ['configs/model.yaml', 'configs/movies.yaml', 'configs/typo.yaml']
 */
export const fileSource = (root: string): ConfigSource => ({
  read: async (origin) => {
    // not blocking: opening a named pipe would wait forever for its writer
    const file = await open(path.resolve(root, origin), constants.O_RDONLY | constants.O_NONBLOCK).catch(
      (cause: unknown) => {
        if (isMissing(cause)) return undefined
        throw cause
      },
    )
    if (file === undefined) return undefined
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder' : 'it is no regular file')
      if (found.size > 4 * limits.text) throw new Error('it is too large')
      return utf8(await file.readFile())
    } finally {
      await file.close()
    }
  },
  list: async (folder) => {
    const found: string[] = []
    const waiting = [folder]
    for (let next = waiting.shift(); next !== undefined && found.length < 10_000; next = waiting.shift()) {
      const entries = await readdir(path.resolve(root, next), { withFileTypes: true }).catch(() => [])
      for (const entry of entries) {
        const origin = path.posix.join(next, entry.name)
        if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) waiting.push(origin)
        else if (entry.isFile() && isConfig(entry.name)) found.push(origin)
      }
    }
    return found.sort()
  },
})

const utf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('it is not text in UTF-8')
  }
}

const isMissing = (cause: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].some((code) => code === fieldOf(cause, 'code'))

/** Origin of a config that is given as an object: `resolveConfigs` is called with it. */
export const objectOrigin = 'config'

/** Values that override the config, and the meaning of paths in it. */
export interface LoadOptions {
  /** Contexts whose files are also read; plain values may use files as well. */
  readonly contexts?: readonly ContextSpec[] | undefined
  /** Values of placeholders in paths. Default: none. */
  readonly globals?: ResolveOptions['globals'] | undefined
  /** Absolute paths are made relative to this folder. */
  readonly root?: string | undefined
}

/** State that several loads can share. */
export interface SharedLoad extends LoadOptions {
  /** Parses a file's text; loads that share one (`configMemory`) parse each file once. */
  readonly parse?: typeof parseDocument | undefined
  /** Shared by loading and resolving, so that uses are read once. */
  readonly reader?: DocumentReader | undefined
}

/**
 * Reads a config (an origin, optionally with `#part`, or an object) and everything that it and the contexts use, each
 * file once.
 * Resolves with all errors if there are any; never rejects.
 *
 * @example
 * const loaded = await loadDocuments(fileSource(process.cwd()), 'configs/movies.yaml', { globals: project.globals })
 * E.isRight(loaded) && [...loaded.right.keys()] // => ['configs/movies.yaml']
 */
export const loadDocuments = async (
  source: ConfigSource,
  entry: string | object,
  options: LoadOptions = {},
): Promise<E.Either<NonEmptyArray<PlanError>, Documents>> => {
  const { documents, errors, wiring } = await loadAsFar(source, entry, options)
  const [first, ...others] = errors.length === 0 ? [] : sortedErrors([...errors, ...wiring])
  return first === undefined ? E.right(documents) : E.left([first, ...others])
}

/** The documents that could be read. */
export interface Loaded {
  readonly documents: Documents
  /** Errors of reading and parsing. */
  readonly errors: readonly PlanError[]
  /** Errors in how configs use each other; resolving reports them as well. */
  readonly wiring: readonly PlanError[]
}

/** Also returns the readable documents if others could not be read. */
export const loadAsFar = async (
  source: ConfigSource,
  entry: string | object,
  { globals, root, contexts = [], parse = parseDocument, reader }: SharedLoad = {},
): Promise<Loaded> => {
  const loading: Loading = {
    documents: new Map(),
    errors: [],
    wiring: [...globalErrors(globals)],
    reader: reader ?? documentReader({ ...(globals && { globals }), ...(root !== undefined && { root }) }),
    followed: new Set(),
    from: { source, parse, globals, near: nearConfigs(source) },
  }
  const start = [...entryTargets(loading, entry), ...contexts.flatMap((context) => contextTargets(loading, context))]
  for (let level: readonly Target[] = start; level.length > 0; ) {
    const read = await Promise.all(level.map(async (one) => ({ ...one, document: await fetchOnce(loading, one) })))
    level = read.flatMap(({ document, part, place }) =>
      document === undefined ? [] : targetsOf(loading, document, part, place),
    )
  }
  const documents = new Map<string, ConfigDocument>()
  for (const [origin, coming] of loading.documents) {
    const document = await coming
    if (document !== undefined) documents.set(origin, document)
  }
  return { documents, errors: loading.errors, wiring: loading.wiring }
}

/** State of one load. */
interface Loading {
  /** By origin; undefined for documents that could not be read. */
  readonly documents: Map<string, Promise<ConfigDocument | undefined>>
  readonly errors: PlanError[]
  readonly wiring: PlanError[]
  readonly reader: DocumentReader
  /** Parts whose uses were followed. */
  readonly followed: Set<string>
  readonly from: Origins
}

/** The sources of documents. */
interface Origins {
  readonly source: ConfigSource
  readonly parse: typeof parseDocument
  readonly globals: LoadOptions['globals']
  readonly near: Near
}

interface Target {
  readonly origin: string
  readonly part: string | undefined
  readonly namespace?: string
  readonly place: Place | undefined
  /** The path as written in the config, or by the caller. */
  readonly written: string
}

const entryTargets = (loading: Loading, entry: string | object): readonly Target[] => {
  if (typeof entry === 'string') return namedTarget(loading, entry)
  const document = documentOr(loading, documentOf(objectOrigin, entry))
  if (document === undefined) return []
  loading.documents.set(objectOrigin, Promise.resolve(document))
  return [{ origin: objectOrigin, part: undefined, place: undefined, written: objectOrigin }]
}

const contextTargets = (loading: Loading, context: ContextSpec): readonly Target[] => {
  if (typeof context === 'string') return namedTarget(loading, context)
  const document = documentOr(loading, loading.reader.contextOf(context))
  return [...(document?.parts.values() ?? [])]
    .flatMap(({ uses }) => usedBy(loading, contextOrigin, uses))
    .filter(({ origin }) => origin !== contextOrigin)
}

const namedTarget = ({ reader, errors }: Loading, name: string): readonly Target[] => {
  const { path: file, part } = splitPart(name)
  const origin = resolveOrigin('', reader.paths.text(file), reader.paths)
  if (E.isRight(origin)) return [{ origin: origin.right, part, place: undefined, written: file }]
  errors.push({ _tag: 'ConfigUnreadable', origin: name, place: undefined, reason: origin.left })
  return []
}

const documentOr = ({ errors }: Loading, parsed: ReturnType<typeof documentOf>): ConfigDocument | undefined => {
  if (E.isRight(parsed)) return parsed.right
  for (const one of parsed.left) errors.push(one)
  return undefined
}

const usedBy = ({ reader, wiring }: Loading, origin: string, texts: ConfigPart['uses']): readonly Target[] => {
  const uses = reader.usesOf(origin, texts)
  for (const one of uses.errors) wiring.push(one)
  return uses.entries
}

/** Configs that a part uses and that were not followed yet. */
const targetsOf = (
  loading: Loading,
  document: ConfigDocument,
  part: string | undefined,
  place: Place | undefined,
): readonly Target[] => {
  const { wiring, followed } = loading
  const found = partOf(document, part, place)
  if (E.isLeft(found)) wiring.push(found.left)
  if (E.isLeft(found) || followed.has(found.right.id)) return []
  followed.add(found.right.id)
  return usedBy(loading, document.origin, found.right.uses)
}

const fetchOnce = (loading: Loading, target: Target): Promise<ConfigDocument | undefined> => {
  const known = loading.documents.get(target.origin)
  if (known !== undefined) return known
  const coming = fetchDocument(loading, target)
  loading.documents.set(target.origin, coming)
  return coming
}

/** Origins like that of a target. `anywhere`: in any folder. */
type Near = (target: Target, anywhere: boolean) => Promise<readonly string[]>

const fetchDocument = async (loading: Loading, target: Target): Promise<ConfigDocument | undefined> => {
  const { origin, place, written } = target
  const { source, parse, globals, near } = loading.from
  try {
    const text = await source.read(origin)
    if (text === undefined) {
      const unfilled = unfilledIn(written, globals)
      const found = unfilled === undefined ? nearToPlace(await near(target, place === undefined), place) : []
      const hasPlaceholder = place !== undefined && written.includes('{') && unfilled === undefined
      loading.errors.push({
        _tag: 'ConfigNotFound',
        origin,
        place,
        near: found,
        ...(hasPlaceholder ? { written } : {}),
        ...(unfilled === undefined ? {} : { unfilled }),
      })
    } else if (isConfig(origin)) return documentOr(loading, parse(origin, text))
    else {
      const reason = 'its name does not end in .yaml, .yml or .json'
      loading.errors.push({ _tag: 'ConfigUnreadable', origin, place, reason })
    }
  } catch (cause) {
    // the system's message has an absolute path; the error has the project's
    const reason = messageOf(cause).replace(/, \w+ '.*'$/, '')
    loading.errors.push({ _tag: 'ConfigUnreadable', origin, place, reason })
  }
  return undefined
}

/**
 * Configs with a similar name, first those that differ only in extension or folder: from the folder itself, or else
 * from its ancestors. Each folder is listed once.
 */
const nearConfigs = (source: ConfigSource): Near => {
  const lists = new Map<string, Promise<readonly string[]>>()
  const listOf = (folder: string): Promise<readonly string[]> => {
    const known = lists.get(folder) ?? source.list(folder).catch(() => [])
    lists.set(folder, known)
    return known
  }
  let asked = 0
  return async ({ origin, part, namespace }, anywhere) => {
    if (++asked > 100) return []
    // the part or the namespace is the end of a file's name: run#3.yaml, one as two.yaml
    const start = part === undefined ? origin : `${origin}#${part}`
    const wholes = new Set([start, `${start} as ${namespace ?? ''}`].map(withoutExtension))
    for (let folder = path.posix.dirname(origin); ; folder = path.posix.dirname(folder)) {
      const known = await listOf(folder === '.' ? '' : folder)
      const named = known.filter((one) => /#| as /.test(one) && wholes.has(withoutExtension(one)))
      if (named.length > 0) return named.slice(0, 3)
      const same = known.filter(
        (one) =>
          withoutExtension(one) === withoutExtension(origin) ||
          withoutExtension(one) === origin.replace(/\.[a-z]{1,5}$/i, '') ||
          path.posix.basename(one) === path.posix.basename(origin) ||
          (anywhere && stemOf(one) === stemOf(origin)),
      )
      const beside = anywhere ? known : known.filter((one) => path.posix.dirname(one) === path.posix.dirname(origin))
      const slips = nearest(stemOf(origin), beside.map(stemOf)).flatMap((stem) =>
        beside.filter((one) => stemOf(one) === stem),
      )
      const found = [...new Set([...same, ...slips, ...(beside.length > 0 ? [] : nearest(origin, known))])].slice(0, 3)
      if (found.length > 0 || folder === '.' || folder === '/' || folder.startsWith('..')) return found
    }
  }
}

const stemOf = (origin: string): string => withoutExtension(path.posix.basename(origin))

const withoutExtension = (origin: string): string => origin.replace(/\.(?:ya?ml|json)$/i, '')
