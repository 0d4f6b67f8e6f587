import { createHash } from 'node:crypto'
import { byCodeUnit } from '../../base/code-unit-order.js'
import type { FileDigest } from '../../plan/params/param-files.js'
import { codeOf } from '../file-store/file-system.js'
import { vanished, type FoundEntry } from './find-files.js'

/** One digest of many files: over path, size and SHA-256 of each, sorted by path. */

export interface ManyFiles {
  /** Throws if they cannot be listed. */
  readonly list: () => readonly FoundEntry[]
  /** The digest of one file. */
  readonly read: (path: string) => Promise<FileDigest>
  /** The remembered digest of all of them. */
  readonly known: { readonly state: string; readonly sha256: string } | undefined
  /** Undefined: not to be remembered. */
  readonly remember: (state: string, sha256: string | undefined) => void
  readonly now: () => number
}

/**
 * A file that changed this shortly before it was read may change again within one tick of the file system's clock: it
 * is not remembered. Milliseconds.
 */
export const settled = 2000

/** The digest, taken while nothing changed; otherwise the reason why there is none. Never rejects. */
export const digestOfMany = async ({
  list,
  read,
  known,
  remember,
  now,
}: ManyFiles): Promise<FileDigest | { readonly cause: unknown }> => {
  let failure: FileDigest | { readonly cause: unknown } = { problem: vanished, near: [] }
  for (let attempt = 0; attempt < 3; attempt++)
    try {
      const at = now()
      const entries = list()
      const state = stateOf(entries)
      if (known?.state === state) return { sha256: known.sha256 }
      const contents = await contentsOf(entries, read)
      if (stateOf(list()) !== state) continue
      if ('problem' in contents) return contents
      const sha256 = textDigest(linesOf(entries, contents.digests))
      const isSettled = entries.every(({ file }) => file === undefined || at - file.changed > settled)
      remember(state, isSettled ? sha256 : undefined)
      return { sha256 }
    } catch (cause) {
      failure = { cause }
      if (codeOf(cause) !== 'ENOENT' && !(cause instanceof Error && cause.message === vanished)) return failure
    }
  return failure
}

const contentsOf = async (
  entries: readonly FoundEntry[],
  read: ManyFiles['read'],
): Promise<{ readonly digests: ReadonlyMap<string, string> } | Extract<FileDigest, { readonly problem: string }>> => {
  const digests = new Map<string, string>()
  const waiting = entries.filter(({ file }) => file !== undefined).reverse()
  let failure: Extract<FileDigest, { readonly problem: string }> | undefined
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined && failure === undefined; next = waiting.pop()) {
      const digest = await read(next.at)
      if ('sha256' in digest) digests.set(next.path, digest.sha256)
      else failure ??= { problem: `'${next.path}': ${digest.problem}`, near: [] }
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return failure ?? { digests }
}

/** In one Unicode normalization form, so that all file systems yield the same names. */
function* linesOf(entries: readonly FoundEntry[], digests: ReadonlyMap<string, string>): Iterable<string> {
  const named = entries.map((entry) => ({ ...entry, name: entry.path.normalize('NFC') }))
  for (const { name, path, file } of named.sort((one, other) => byCodeUnit(one.name, other.name)))
    yield file === undefined ? `${name}\0folder\n` : `${name}\0file\0${file.size}\0${digests.get(path)}\n`
}

const stateOf = (entries: readonly FoundEntry[]): string =>
  textDigest(entries.map(({ path, file }) => `${path}\0${file?.state ?? 'folder'}\n`))

const textDigest = (lines: Iterable<string>): string => {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line)
  return hash.digest('hex')
}
