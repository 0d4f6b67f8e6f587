import * as t from 'io-ts'
import { fileRequest } from '../base/file-requests.js'
import { readGlob } from '../base/glob.js'
import { currentMode } from './codec/codec-mode.js'
import type { Encoded } from './types.js'

/**
 * Codecs of paths. A config gives a string, `run` receives an absolute path; relative paths are resolved against the
 * project's root, wherever they are written.
 */

/** Recognised by the schema and by planners. */
export class FileType extends t.Type<string, Encoded> {
  readonly _tag = 'FileType'
  readonly kind: 'file' | 'folder' | 'path'
  constructor(kind: FileType['kind']) {
    super(
      kind,
      t.string.is,
      (value, context) => decodePath(value, context, kind),
      (value) => encodePath(value, kind),
    )
    this.kind = kind
  }
}

/** The same for patterns: one or a list of them in configs, the matching files in `run`. */
export class GlobType extends t.Type<readonly string[], Encoded> {
  readonly _tag = 'GlobType'
  constructor() {
    super('glob', t.readonlyArray(t.string).is, decodePatterns, encodePatterns)
  }
}

/** The form of a file in plans and keys. `sha256` is null if planning did not read the file. */
type PlannedFile = {
  readonly path: string
  readonly sha256: string | null
}

const isPlanned = (value: unknown): value is PlannedFile =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  'sha256' in value &&
  Object.keys(value).length === 2

const notPath = 'expected a path, got an empty string or one with a NUL character'

const decodePath = (value: unknown, context: t.Context, kind: FileType['kind']): t.Validation<string> => {
  const path = isPlanned(value) ? value.path : value
  if (!isPath(path)) return t.failure(value, context, typeof path === 'string' ? notPath : undefined)
  const { resolvePath, fileMet } = currentMode()
  const resolved = resolvePath?.(path) ?? path
  if (isPlanned(value) && value.sha256 !== null && kind !== 'path') fileMet?.(fileRequest(kind, resolved), value.sha256)
  return t.success(resolved)
}

const isPath = (path: unknown): path is string => typeof path === 'string' && path !== '' && !path.includes('\0')

const encodePath = (value: string, kind: FileType['kind']): Encoded => {
  const { digestOf } = currentMode()
  return kind !== 'path' && digestOf !== undefined && typeof value === 'string'
    ? ({ path: value, sha256: digestOf(value, kind) } satisfies PlannedFile)
    : value
}

const decodePatterns = (value: unknown, context: t.Context): t.Validation<readonly string[]> => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) return t.failure(value, context, 'expected a pattern of files, or several; got none')
  const { filesOf, fileMet } = currentMode()
  const files = new Set<string>()
  for (const one of list) {
    const pattern = isPlanned(one) ? one.path : one
    if (!isPath(pattern)) return t.failure(value, context, 'expected a pattern of files, or a list of them')
    const glob = readGlob(pattern)
    if ('problem' in glob) return t.failure(value, context, `expected a pattern of files: ${glob.problem}`)
    if (isPlanned(one) && one.sha256 !== null) fileMet?.(fileRequest('glob', pattern), one.sha256)
    for (const path of filesOf?.(pattern) ?? [pattern]) files.add(path)
  }
  return t.success([...files])
}

const encodePatterns = (patterns: readonly string[]): Encoded => {
  const { digestOf } = currentMode()
  return patterns.map((path) =>
    digestOf === undefined ? path : ({ path, sha256: digestOf(path, 'glob') } satisfies PlannedFile),
  )
}

/**
 * A file whose content is part of the key: when it changes, every task that reads it is recomputed.
 * Configs give a path; `run` receives an absolute one. Plan and key hold the path as written and the SHA-256 of the
 * content.
 *
 * @example
 * const source = { source: file, extra: param(t.union([file, t.null]), { default: null }) }
 * const bytes = defineTask({ params: source, data: t.number }).run(({ source }) => readFileSync(source).length)
 */
export const file: t.Type<string, Encoded> = new FileType('file')

/**
 * A folder whose content is part of the key: names and contents of all files in it, at any depth, including hidden
 * ones.
 * Configs give a path; `run` receives an absolute one.
 *
 * @example
 * const place = defineTask({ params: { images: folder }, data: t.string }).run(({ images }) => images)
 */
export const folder: t.Type<string, Encoded> = new FileType('folder')

/**
 * Files that match a pattern; their names and contents are part of the key. Configs give a pattern, `data/*.csv`, or a
 * list of patterns; `run` receives the absolute paths of the files, sorted.
 *
 * @example
 * const total = defineTask({ params: { reports: glob }, data: t.number }).run(({ reports }) => reports.length)
 */
export const glob: t.Type<readonly string[], Encoded> = new GlobType()

/**
 * A path whose content does not matter: only its text is part of the key. `run` receives an absolute path.
 *
 * @example
 * const params = { scratch: param(path, { default: '{SCRATCH}/work', ignorePersistence: true }) }
 */
export const path: t.Type<string, Encoded> = new FileType('path')
