import * as t from 'io-ts'
import { currentMode } from './codec/codec-mode.js'
import type { Encoded } from './types.js'

/**
 * Codecs of paths. A config says a text, `run` gets an absolute path; relative ones start from the project's root,
 * whoever says them.
 */

/** Recognised by the schema and by planners. */
export class FileType extends t.Type<string, Encoded> {
  readonly _tag = 'FileType'
  readonly kind: 'file' | 'path'
  constructor(kind: 'file' | 'path') {
    super(kind, t.string.is, decodePath, (value) => encodePath(value, kind))
    this.kind = kind
  }
}

/** The form of a file in plans and keys. `sha256` is null where planning was not told what is in the file. */
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

const decodePath = (value: unknown, context: t.Context): t.Validation<string> => {
  const path = isPlanned(value) ? value.path : value
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    return t.failure(value, context, typeof path === 'string' ? 'expected a path, got a text that is none' : undefined)
  const { resolvePath, fileMet } = currentMode()
  const resolved = resolvePath?.(path) ?? path
  if (isPlanned(value) && value.sha256 !== null) fileMet?.(resolved, value.sha256)
  return t.success(resolved)
}

const encodePath = (value: string, kind: 'file' | 'path'): Encoded => {
  const { digestOf } = currentMode()
  return kind === 'file' && digestOf !== undefined && typeof value === 'string'
    ? ({ path: value, sha256: digestOf(value) } satisfies PlannedFile)
    : value
}

/**
 * A file whose content is part of the key: when it changes, what reads it is computed again.
 * In configs a path; in `run` an absolute one. Plan and key hold the path as written and the SHA-256 of the content.
 *
 * @example
 * const source = { source: file, extra: param(t.union([file, t.null]), { default: null }) }
 * const bytes = defineTask({ params: source, data: t.number }).run(({ source }) => readFileSync(source).length)
 */
export const file: t.Type<string, Encoded> = new FileType('file')

/**
 * A path whose content does not matter: only the text is part of the key. In `run` an absolute path.
 *
 * @example
 * const params = { scratch: param(path, { default: '{SCRATCH}/work', ignorePersistence: true }) }
 */
export const path: t.Type<string, Encoded> = new FileType('path')
