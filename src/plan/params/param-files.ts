import { fileRequest, type FileKind } from '../../base/file-requests.js'
import { expandText, unfilledIn } from '../../config/placeholders.js'
import type { ResolveOptions } from '../../config/config-types.js'
import type { Unfilled } from '../../errors.js'

/** The digest of a path: the SHA-256 of its content in hex, or why there is none. */
export type FileDigest = { readonly sha256: string } | { readonly problem: string; readonly near: readonly string[] }

/**
 * Digests by path as written in configs, with placeholders expanded and relative paths unresolved; folders end in `/`,
 * patterns begin with `glob:`.
 */
export type FileDigests = Readonly<Record<string, FileDigest | string>>

/** A file requested by a param during encoding. */
export interface AskedFile {
  /** As written. */
  readonly written: string
  /** With placeholders expanded. */
  readonly path: string
  readonly kind: FileKind
  readonly digest:
    | { readonly sha256: string | null }
    | { readonly problem: string; readonly near: readonly string[]; readonly unfilled?: Unfilled | undefined }
}

/** Supplies digests to codecs and records the requests. */
export interface FileReading {
  readonly digestOf: (written: string, kind?: FileKind) => string | null
  /** Distinct files requested since the last call. */
  readonly taken: () => readonly AskedFile[]
  /** Number of requests so far. */
  readonly count: () => number
}

/** A reading over gathered digests; the content of a file that is missing from them counts as unknown. */
export const fileReading = (globals: ResolveOptions['globals'], digests: FileDigests = {}): FileReading => {
  let asked = new Map<string, AskedFile>()
  let count = 0
  return {
    count: () => count,
    digestOf: (written, kind = 'file') => {
      count++
      const path = expandText(written, globals)
      const request = fileRequest(kind, path)
      const found = Object.hasOwn(digests, request) ? digests[request] : undefined
      const digest = found === undefined ? { sha256: null } : typeof found === 'string' ? { sha256: found } : found
      const unfilled = 'problem' in digest ? unfilledIn(written, globals) : undefined
      asked.set(fileRequest(kind, written), {
        written,
        path,
        kind,
        digest: 'problem' in digest && unfilled !== undefined ? { ...digest, near: [], unfilled } : digest,
      })
      return 'sha256' in digest ? digest.sha256 : null
    },
    taken: () => {
      if (asked.size === 0) return none
      const files = [...asked.values()]
      asked = new Map()
      return files
    },
  }
}

const none: readonly AskedFile[] = Object.freeze([])
