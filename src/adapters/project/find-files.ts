import * as nodeFs from 'node:fs'
import { join, resolve } from 'node:path'
import { byCodeUnit } from '../../base/code-unit-order.js'
import { readGlob, type Glob } from '../../base/glob.js'
import { codeOf, type FileSystem } from '../file-store/file-system.js'

/**
 * Finds the files of a folder, or those that match a pattern. Links to files count as files, links to folders as
 * folders, except for `**`. Anything else is an error, since its content is undefined.
 */

export interface FoundEntry {
  /**
   * Relative to the requested folder, or to the first segment with a special character in the pattern, with slashes.
   */
  readonly path: string
  /** Absolute. */
  readonly at: string
  /** Undefined for folders. */
  readonly file: FileState | undefined
}

/** State of a file that can be determined without reading it. */
export interface FileState {
  readonly size: number
  /** Size, change times in nanoseconds and inode: differs for another file or other content. */
  readonly state: string
  /** The later of its change times, in milliseconds since 1970. */
  readonly changed: number
}

export const fileState = ({ size, mtimeNs, ctimeNs, mtimeMs, ctimeMs, ino, dev }: nodeFs.BigIntStats): FileState => ({
  size: Number(size),
  state: [size, mtimeNs, ctimeNs, ino, dev].join(' '),
  changed: Math.max(Number(mtimeMs), Number(ctimeMs)),
})

/** Everything below a folder, sorted by path, including folders. Throws errors of the system. */
export const filesBelow = (fs: FileSystem, folder: string): readonly FoundEntry[] => {
  const found: FoundEntry[] = []
  const open: Open[] = [{ at: folder, path: '', inside: undefined }]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const name of namesIn(fs, next.at)) {
      const [at, path] = [join(next.at, name), joined(next.path, name)]
      const stat = statOf(fs, at, path)
      found.push({ path, at, file: stat.isFile() ? fileState(stat) : undefined })
      if (stat.isDirectory()) open.push({ at, path, inside: entered(fs, at, path, next.inside) })
    }
  return sorted(found)
}

/** Files that match a pattern, sorted by path; relative patterns start from `root`. Throws errors of the system. */
export const filesMatching = (fs: FileSystem, root: string, pattern: string): readonly FoundEntry[] => {
  const glob = readGlob(pattern)
  if ('problem' in glob) throw new Error(glob.problem)
  const found = new Map<string, FoundEntry>()
  const seen = new Set<string>()
  const open: Step[] = [{ at: resolve(root, glob.base), path: '', part: 0 }]
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const place = `${step.part} ${step.path}`
    if (seen.has(place)) continue
    seen.add(place)
    for (const next of stepsFrom(fs, glob, step))
      if ('file' in next) found.set(next.path, next)
      else open.push(next)
  }
  return sorted([...found.values()])
}

/** The same as absolute paths, in that order. */
export const matchingFiles = (root: string, pattern: string): readonly string[] =>
  filesMatching(nodeFs, root, pattern).map(({ at }) => at)

interface Open {
  readonly at: string
  readonly path: string
  /** Enclosing folders, as far as they were entered through links. */
  readonly inside: Inside | undefined
}

interface Inside {
  readonly real: string
  readonly above: Inside | undefined
}

/** Detects cycles, which need a link. */
const entered = (fs: FileSystem, at: string, path: string, inside: Inside | undefined): Inside | undefined => {
  if (inside === undefined && !fs.lstatSync(at).isSymbolicLink()) return undefined
  const real = fs.realpathSync(at)
  for (let one = inside; one !== undefined; one = one.above)
    if (one.real === real) throw new Error(`'${path}' is a link to a folder that it is in`)
  return { real, above: inside }
}

interface Step {
  readonly at: string
  readonly path: string
  readonly part: number
}

const stepsFrom = (fs: FileSystem, { parts }: Glob, { at, path, part }: Step): readonly (Step | FoundEntry)[] => {
  const wanted = parts[part]
  if (wanted === undefined) return []
  const isLast = part === parts.length - 1
  const found = (name: string): readonly (Step | FoundEntry)[] => {
    const [here, inner] = [join(at, name), joined(path, name)]
    const stat = statOf(fs, here, inner)
    if (isLast) return stat.isFile() ? [{ path: inner, at: here, file: fileState(stat) }] : []
    return stat.isDirectory() ? [{ at: here, path: inner, part: part + 1 }] : []
  }
  if (wanted._tag === 'name') return exists(fs, join(at, wanted.name)) ? found(wanted.name) : []
  const entries = entriesIn(fs, at)
  if (wanted._tag === 'some') return entries.flatMap(({ name }) => (wanted.matches(name) ? found(name) : []))
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return [
    { at, path, part: part + 1 },
    ...below.map(({ name }) => ({ at: join(at, name), path: joined(path, name), part })),
  ]
}

const exists = (fs: FileSystem, at: string): boolean => fs.lstatSync(at, { throwIfNoEntry: false }) !== undefined

/** Empty if the folder does not exist: the pattern matches nothing there. */
const entriesIn = (fs: FileSystem, folder: string): readonly nodeFs.Dirent[] => {
  try {
    return fs.readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return []
    throw cause
  }
}

const namesIn = (fs: FileSystem, folder: string): readonly string[] => fs.readdirSync(folder)

/** Follows a path. Throws an error with its name if it is neither a file nor a folder. */
const statOf = (fs: FileSystem, at: string, path: string): nodeFs.BigIntStats => {
  const stat = fs.statSync(at, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined)
    throw new Error(
      fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true
        ? `'${path}' is a link to nothing`
        : path.includes('\uFFFD')
          ? `'${path}' has a name that is not text`
          : vanished,
    )
  if (!stat.isFile() && !stat.isDirectory()) throw new Error(`'${path}' is neither a file nor a folder`)
  return stat
}

/** The problem of a file that is listed but no longer exists. */
export const vanished = 'it changes while it is read'

const joined = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`)

const sorted = (found: readonly FoundEntry[]): readonly FoundEntry[] =>
  found.toSorted((left, right) => byCodeUnit(left.path, right.path))
