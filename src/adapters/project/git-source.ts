import { execFile } from 'node:child_process'
import path from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import { nearest } from '../../base/suggest.js'
import { fileSource } from './config-files.js'

/** Configs as they were at a revision of git, which is called as a process. */
export interface GitSource extends ConfigSource {
  /** Full hash of the commit. */
  readonly commit: string
  /** Whether the revision has a file, by its origin. */
  has(origin: string): boolean
}

/**
 * Opens a revision (a hash, branch, tag, `HEAD~2`) of the repository that a project's root is in. Origins are relative
 * to the root, as in `fileSource`; files outside the repository are read in their present state. Rejects with
 * `GitNotFound`, `NotInGit`, `UnknownRevision` or `GitFailed`.
 *
 * @example
 * // not run: needs a repository
 * const loaded = await loadDocuments(await gitSource(process.cwd(), 'HEAD~1'), 'configs/movies.yaml')
 */
export const gitSource = async (root: string, revision: string): Promise<GitSource> => {
  const place = await git(root, ['rev-parse', '--show-prefix'])
  if (E.isLeft(place)) throw failure({ _tag: 'NotInGit', folder: root, problem: place.left })
  const prefix = place.right.toString('utf8').replace(/\n$/, '')
  const found =
    revision === '' || revision.includes('\0')
      ? E.left('')
      : await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
  if (E.isLeft(found)) throw failure({ _tag: 'UnknownRevision', revision, near: await nearRevisions(root, revision) })
  const commit = found.right.toString('utf8').trim()
  const must = async (words: readonly string[]): Promise<Buffer> => {
    const outcome = await git(root, words)
    if (E.isLeft(outcome)) throw failure({ _tag: 'GitFailed', revision, problem: outcome.left })
    return outcome.right
  }
  const names = (await must(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit])).toString('utf8')
  const files = new Set(names.split('\0').filter((name) => name !== ''))
  const top = path.resolve(root, path.posix.relative(prefix, ''))
  const now = fileSource(root)

  /** Path in the repository; undefined for paths outside it. */
  const inside = (origin: string): string | undefined => {
    const name = path.posix.normalize(
      path.posix.isAbsolute(origin)
        ? path.relative(top, origin).split(path.sep).join('/')
        : path.posix.join(prefix, origin),
    )
    return name === '..' || name.startsWith('../') || path.isAbsolute(name) ? undefined : name
  }

  return {
    commit,
    has: (origin) => files.has(inside(origin) ?? ''),
    read: async (origin) => {
      const name = inside(origin)
      if (name === undefined) return now.read(origin)
      return files.has(name)
        ? new TextDecoder('utf-8', { fatal: true }).decode(await must(['cat-file', 'blob', `${commit}:${name}`]))
        : undefined
    },
    list: async (folder) => {
      const below = inside(folder === '' ? '.' : folder)
      if (below === undefined) return now.list(folder)
      const start = below === '.' || below === './' ? '' : `${below.replace(/\/$/, '')}/`
      return [...files]
        .filter((name) => name.startsWith(start) && /\.(?:ya?ml|json)$/i.test(name))
        .map((name) => path.posix.relative(prefix, name))
        .sort()
    },
  }
}

const failure = (error: UsageError): Error => taskchainError([error])

const maxBytes = 512 * 1024 * 1024

/** The output of git, or the first line of its error message. Rejects with `GitNotFound`. */
const git = (folder: string, words: readonly string[]): Promise<E.Either<string, Buffer>> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
    execFile('git', [...words], { cwd: folder, encoding: 'buffer', maxBuffer: maxBytes, env }, (error, out, err) => {
      if (error === null) resolve(E.right(out))
      else if (error.code === 'ENOENT') reject(failure({ _tag: 'GitNotFound' }))
      else resolve(E.left(err.toString('utf8').trim().split('\n')[0] || error.message.split('\n')[0] || 'it failed'))
    })
  })

/** Branches and tags with similar names. */
const nearRevisions = async (root: string, revision: string): Promise<readonly string[]> => {
  const names = await git(root, ['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags'])
  return E.isLeft(names)
    ? []
    : nearest(
        revision,
        names.right
          .toString('utf8')
          .split('\n')
          .filter((name) => name !== '')
          .slice(0, 5000),
        3,
      )
}
