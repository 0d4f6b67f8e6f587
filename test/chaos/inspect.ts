import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { parse } from 'yaml'

/**
 * Looks at a store without the library that wrote it: names, run infos by another YAML reader, checksums by zlib.
 * Nobody may write meanwhile.
 */

/** What is under final names, by path in the store: content of files, contents of folders. */
export type Contents = ReadonlyMap<string, Buffer>

interface RunInfo {
  readonly key: string
  readonly data: {
    readonly extension: string | null
    readonly size: number
    readonly checksum: string
    readonly content?: string
  } | null
}

const keyPattern = /^[0-9a-f]{32}(?=\.|$)/
const endings = ['.run_info.yaml', '.log', '.failed.log', '.stale', '.unfinished', '.lease']

/** Every name below the root, as paths. */
const namesBelow = (root: string): readonly string[] =>
  existsSync(root) ? readdirSync(root, { recursive: true }).map(String).sort() : []

/** Data under its final name: the files of artifacts, and those in the folders of artifacts. */
export const contentsOf = (root: string): Contents => {
  const found = new Map<string, Buffer>()
  for (const path of namesBelow(root)) {
    const segments = path.split('/')
    const at = segments.findIndex((segment) => keyPattern.test(segment))
    const name = segments[at]
    if (
      name === undefined ||
      segments.some((segment) => segment.startsWith('.')) ||
      endings.some((ending) => name.endsWith(ending))
    )
      continue
    if (lstatSync(join(root, path)).isFile()) found.set(path, readFileSync(join(root, path)))
  }
  return found
}

/** Segments of killed processes are merged by and by; what is of no use any more is told by the reader. */
const isCatalog = (path: string): boolean => /^\.catalog(\/\.entries\..*\.(segment|sorted))?$/.test(path)

/** What gc and verify have moved away stays until somebody purges it. */
const isAside = (path: string): boolean => /^\.(trash|damaged)(\/|$)/.test(path)

/**
 * What is left of runs that did not come to their end: temporary names, leases, marks. Work of a checkpoint and logs of
 * failures are kept on purpose.
 */
export const leftovers = (root: string): readonly string[] =>
  namesBelow(root).filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (isAside(path) || isCatalog(path) || path === '.runs') return false // records of runs, of killed ones too
    return (name.startsWith('.') && name !== '.blessed.jsonl') || /\.(stale|lease)$/.test(name)
  })

/**
 * What is wrong with the store: data under a final name that differs from what an undisturbed run has there, run infos
 * that are none,
 * or that tell of other data than the one beside them while no mark says so.
 */
export const problemsIn = (root: string, undisturbed: Contents): readonly string[] => {
  const problems: string[] = []
  for (const [path, content] of contentsOf(root)) {
    const expected = undisturbed.get(path)
    if (expected === undefined) problems.push(`${path}: nothing is there in an undisturbed run`)
    else if (!expected.equals(content))
      problems.push(`${path}: ${content.length} bytes that differ from the ${expected.length} of an undisturbed run`)
  }
  for (const path of namesBelow(root).filter((name) => name.endsWith('.run_info.yaml') && !/(^|\/)\./.test(name))) {
    const base = join(root, path.slice(0, -'.run_info.yaml'.length))
    const info = readRunInfo(join(root, path))
    if (info === undefined || !base.endsWith(info.key)) problems.push(`${path}: no run info of this artifact`)
    else if (info.data !== null && !existsSync(`${base}.stale`))
      problems.push(...disagreement(base, info.data).map((problem) => `${path}: ${problem}`))
  }
  // Data is named last: it has its run info, unless a replacement was killed, which is marked.
  for (const path of contentsOf(root).keys()) {
    const base = join(root, path.slice(0, path.search(/[0-9a-f]{32}/) + 32))
    if (!existsSync(`${base}.run_info.yaml`) && !existsSync(`${base}.stale`))
      problems.push(`${path}: data without run info`)
  }
  return problems
}

const readRunInfo = (path: string): RunInfo | undefined => {
  try {
    return parse(readFileSync(path, 'utf8')) as RunInfo
  } catch {
    return undefined
  }
}

/**
 * Data that is missing is no disagreement: a kill between the two names of a first commit leaves that, and it is a
 * miss.
 */
const disagreement = (base: string, data: NonNullable<RunInfo['data']>): readonly string[] => {
  const path = data.extension === null ? base : `${base}.${data.extension}`
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isFile()) {
    const content = readFileSync(path)
    const checksum = crc32(content).toString(16).padStart(8, '0')
    return content.length === data.size && checksum === data.checksum
      ? []
      : [`tells ${data.size} bytes and ${data.checksum}, its data has ${content.length} and ${checksum}`]
  }
  const size = namesBelow(path).reduce(
    (sum, name) => sum + (lstatSync(join(path, name)).isFile() ? lstatSync(join(path, name)).size : 0),
    0,
  )
  if (size !== data.size) return [`tells ${data.size} bytes, its folder has ${size}`]
  const content = contentOf(path)
  return data.content === content ? [] : [`tells contents ${data.content}, its folder has ${content}`]
}

/** Checksum of a folder's contents as the run info has it. */
const contentOf = (folder: string): string => {
  const lines = namesBelow(folder).map((name) => {
    const path = join(folder, name)
    const parts = lstatSync(path).isDirectory()
      ? [`${name}/`, 0, 0]
      : [name, lstatSync(path).size, crc32(readFileSync(path))]
    return `${parts.join('\0')}\n`
  })
  return crc32(lines.sort().join('')).toString(16).padStart(8, '0')
}
