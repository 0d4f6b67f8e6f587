/**
 * Requests for digests, as strings: a file by its path, a folder by its path with a trailing `/`, files by `glob:` and
 * a pattern. No two requests have the same string.
 */

export type FileKind = 'file' | 'folder' | 'glob'

const glob = 'glob:'

/** The string that requests a digest. */
export const fileRequest = (kind: FileKind, path: string): string => {
  if (kind === 'glob') return `${glob}${path}`
  if (kind === 'folder') return path.endsWith('/') ? path : `${path}/`
  return path.startsWith(glob) ? `./${path}` : path.endsWith('/') ? `${path}.` : path
}

/** Parses a request. */
export const readFileRequest = (request: string): { readonly kind: FileKind; readonly path: string } =>
  request.startsWith(glob)
    ? { kind: 'glob', path: request.slice(glob.length) }
    : request.endsWith('/')
      ? { kind: 'folder', path: request.length > 1 ? request.slice(0, -1) : request }
      : { kind: 'file', path: request }
