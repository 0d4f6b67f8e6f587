import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { contextOrigin, documentReader, type DocumentReader } from '../../config/document-reader.js'
import { documentOf, parseDocument } from '../../config/document.js'
import { nearToPlace, partOf } from '../../config/find-part.js'
import { globalErrors } from '../../config/globals.js'
import { limits } from '../../config/limits.js'
import { sortedErrors } from '../../config/problem-order.js'
import { unfilledIn } from '../../config/placeholders.js'
import type { ConfigDocument, ConfigPart, ContextSpec, Documents, ResolveOptions } from '../../config/config-types.js'
import { resolveOrigin, splitPart } from '../../config/uses.js'
import type { Place, PlanError } from '../../errors.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import { nearest } from '../../base/suggest.js'

const isConfig = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name)

/**
 * Configs on disk, below a root. Origins may lead out of it by `../`: what is read is what configs of the project name.
 *
 * @example
 * const source = fileSource(process.cwd())
 * await source.list('configs') // => ['configs/model.yaml', 'configs/movies.yaml', 'configs/typo.yaml']
 */
export const fileSource = (root: string): ConfigSource => ({
  read: async (origin) => {
    // not blocking: a named pipe would wait for its writer for ever
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

/** Configs in memory, by origin: for tests and for texts from elsewhere. */
export const objectSource = (texts: Readonly<Record<string, string>>): ConfigSource => ({
  read: (origin) => Promise.resolve(Object.hasOwn(texts, origin) ? texts[origin] : undefined),
  list: (folder) =>
    Promise.resolve(
      Object.keys(texts)
        .filter((origin) => isConfig(origin) && (folder === '' || folder === '.' || origin.startsWith(`${folder}/`)))
        .sort(),
    ),
})

const utf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('it is not text in UTF-8')
  }
}

const isMissing = (cause: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes((cause as { readonly code?: string }).code ?? '')

/** Origin of a config that is given as an object: what `resolveConfigs` is asked for then. */
export const objectOrigin = 'config'

/** What is laid over the config, and what paths in it mean. */
export interface LoadOptions {
  /** Contexts whose files are read too; values themselves use files as well. */
  readonly contexts?: readonly ContextSpec[] | undefined
  /** Values of placeholders in paths. Default: none. */
  readonly globals?: ResolveOptions['globals'] | undefined
  /** What absolute paths are made relative to. */
  readonly root?: string | undefined
}

/** What loads may share with others. */
export interface SharedLoad extends LoadOptions {
  /** Parses a file's text; loads that share one (`configMemory`) parse each file once. */
  readonly parse?: typeof parseDocument | undefined
  /** What resolving shares with loading, so that uses are read once. */
  readonly reader?: DocumentReader | undefined
}

/**
 * Reads a config (an origin, with `#part` where one is meant, or an object) and everything that it and the contexts
 * use, each file once.
 * Resolves with all that is wrong where something is; rejects never.
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

/** Documents as far as they could be read. */
export interface Loaded {
  readonly documents: Documents
  /** What was wrong with reading and parsing. */
  readonly errors: readonly PlanError[]
  /** What is wrong with how configs use each other, which resolving reports as well. */
  readonly wiring: readonly PlanError[]
}

/** The same, with what could be read where something could not. */
export const loadAsFar = async (
  source: ConfigSource,
  entry: string | object,
  options: SharedLoad = {},
): Promise<Loaded> => {
  const { globals, root } = options
  const reader = options.reader ?? documentReader({ ...(globals && { globals }), ...(root !== undefined && { root }) })
  const { paths } = reader
  const errors: PlanError[] = []
  const wiring: PlanError[] = [...globalErrors(options.globals)]
  const documents = new Map<string, Promise<ConfigDocument | undefined>>()
  const followed = new Set<string>()

  const near = nearConfigs(source)

  const fetch = ({ origin, place, written }: Target): Promise<ConfigDocument | undefined> => {
    const known = documents.get(origin)
    if (known !== undefined) return known
    const coming = fetchDocument(
      source,
      options.parse ?? parseDocument,
      { origin, place, written },
      errors,
      near,
      options.globals,
    )
    documents.set(origin, coming)
    return coming
  }

  const entriesOf = (origin: string, part: ConfigPart): readonly Target[] => {
    const uses = reader.usesOf(origin, part)
    for (const one of uses.errors) wiring.push(one)
    return uses.entries
  }

  /** Configs that a part uses and that were not followed yet. */
  const targetsOf = (
    document: ConfigDocument,
    part: string | undefined,
    place: Place | undefined,
  ): readonly Target[] => {
    const found = partOf(document, part, place)
    if (E.isLeft(found)) wiring.push(found.left)
    if (E.isLeft(found) || followed.has(found.right.id)) return []
    followed.add(found.right.id)
    return entriesOf(document.origin, found.right.part)
  }

  const start: Target[] = []
  const beginAt = (name: string): void => {
    const { path: file, part } = splitPart(name)
    const origin = resolveOrigin('', paths.text(file), paths)
    if (E.isLeft(origin)) errors.push({ _tag: 'ConfigUnreadable', origin: name, place: undefined, reason: origin.left })
    else start.push({ origin: origin.right, part, place: undefined, written: file })
  }
  const parsedOr = (parsed: ReturnType<typeof documentOf>, use: (document: ConfigDocument) => void): void => {
    if (E.isLeft(parsed)) for (const one of parsed.left) errors.push(one)
    else use(parsed.right)
  }
  if (typeof entry === 'string') beginAt(entry)
  else
    parsedOr(documentOf(objectOrigin, entry), (document) => {
      documents.set(objectOrigin, Promise.resolve(document))
      start.push({ origin: objectOrigin, part: undefined, place: undefined, written: objectOrigin })
    })
  for (const context of options.contexts ?? [])
    if (typeof context === 'string') beginAt(context)
    else
      parsedOr(reader.contextOf(context), (document) => {
        for (const part of document.parts.values()) {
          for (const one of entriesOf(contextOrigin, part)) if (one.origin !== contextOrigin) start.push(one)
        }
      })

  for (let level: readonly Target[] = start; level.length > 0; ) {
    const read = await Promise.all(level.map(async (target) => ({ ...target, document: await fetch(target) })))
    level = read.flatMap(({ document, part, place }) =>
      document === undefined ? [] : targetsOf(document, part, place),
    )
  }
  const all = new Map<string, ConfigDocument>()
  for (const [origin, coming] of documents) {
    const document = await coming
    if (document !== undefined) all.set(origin, document)
  }
  return { documents: all, errors, wiring }
}

interface Target {
  readonly origin: string
  readonly part: string | undefined
  readonly place: Place | undefined
  /** The path as the config, or who asks, says it. */
  readonly written: string
}

type Near = (origin: string, anywhere: boolean) => Promise<readonly string[]>

const fetchDocument = async (
  source: ConfigSource,
  parse: typeof parseDocument,
  { origin, place, written }: Pick<Target, 'origin' | 'place' | 'written'>,
  errors: PlanError[],
  near: Near,
  globals: LoadOptions['globals'],
): Promise<ConfigDocument | undefined> => {
  try {
    const text = await source.read(origin)
    if (text === undefined) {
      const unfilled = unfilledIn(written, globals)
      const found = unfilled === undefined ? nearToPlace(await near(origin, place === undefined), place) : []
      const hasPlaceholder = place !== undefined && written.includes('{') && unfilled === undefined
      errors.push({
        _tag: 'ConfigNotFound',
        origin,
        place,
        near: found,
        ...(hasPlaceholder ? { written } : {}),
        ...(unfilled === undefined ? {} : { unfilled }),
      })
    } else if (!isConfig(origin))
      errors.push({ _tag: 'ConfigUnreadable', origin, place, reason: 'its name does not end in .yaml, .yml or .json' })
    else {
      const parsed = parse(origin, text)
      if (E.isRight(parsed)) return parsed.right
      for (const one of parsed.left) errors.push(one)
    }
  } catch (cause) {
    // the path in the message of a system error is the machine's; the error has the project's
    errors.push({
      _tag: 'ConfigUnreadable',
      origin,
      place,
      reason: (cause instanceof Error ? cause.message : String(cause)).replace(/, \w+ '.*'$/, ''),
    })
  }
  return undefined
}

/**
 * Configs of nearly that name, first those that only lack an extension or a folder: from the folder itself, else from
 * above. Each folder is listed once.
 */
const nearConfigs = (source: ConfigSource): Near => {
  const lists = new Map<string, Promise<readonly string[]>>()
  const listOf = (folder: string): Promise<readonly string[]> => {
    const known = lists.get(folder) ?? source.list(folder).catch(() => [])
    lists.set(folder, known)
    return known
  }
  let asked = 0
  return async (origin, anywhere) => {
    if (++asked > 100) return []
    for (let folder = path.posix.dirname(origin); ; folder = path.posix.dirname(folder)) {
      const known = await listOf(folder === '.' ? '' : folder)
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
