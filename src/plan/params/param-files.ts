import { fileRequest, type FileKind } from '../../base/file-requests.js'
import { expandText, unfilledIn } from '../../config/placeholders.js'
import type { ResolveOptions } from '../../config/config-types.js'
import type { Unfilled } from '../../errors.js'

/** What was found under a path: the SHA-256 of its content in hex, or why there is none. */
export type FileDigest = { readonly sha256: string } | { readonly problem: string; readonly near: readonly string[] }

/**
 * Digests by path as configs say it, placeholders filled in, relative ones as they are; of folders with `/` at the end,
 * of patterns with `glob:` before them.
 */
export type FileDigests = Readonly<Record<string, FileDigest | string>>

/** A file that a param asked for while it was encoded. */
export interface AskedFile {
  /** As written. */
  readonly written: string
  /** With placeholders filled in. */
  readonly path: string
  readonly kind: FileKind
  readonly digest:
    | { readonly sha256: string | null }
    | { readonly problem: string; readonly near: readonly string[]; readonly unfilled?: Unfilled | undefined }
}

/** Gives digests to codecs, and remembers which were asked for. */
export interface FileReading {
  readonly digestOf: (written: string, kind?: FileKind) => string | null
  /** What was asked for since the last call, each file once. */
  readonly taken: () => readonly AskedFile[]
  /** How often something was asked for. */
  readonly count: () => number
}

/** A reading over gathered digests; where a path is missing, or there are none, the content is taken as unknown. */
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
