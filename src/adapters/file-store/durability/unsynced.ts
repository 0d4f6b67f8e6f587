import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { join } from 'node:path'
import { codeOf, quietly, readText, removeQuietly, type FileSystem } from '../file-system.js'
import { makerOf, temporaryName } from '../temporary-names.js'

/**
 * Which commits are not forced to disk yet, told to other processes: a list in the root, written before names are given
 * and removed when all of it is synced. Whoever finds the list of a process that did not end in order syncs what it
 * names before it says that anything is done.
 */
export interface Unsynced {
  /** Adds paths below the root that are about to get their names; whether that could be written. */
  note(paths: readonly string[]): boolean
  /**
   * Ends the list: what is noted from now on is in another one. The answer removes it, and is called when all of it is
   * synced.
   */
  end(): () => void
  /** What others have not synced, as far as this was not asked before. */
  ofOthers(): readonly Others[]
}

export interface Others {
  readonly paths: readonly string[]
  /** Called when they are synced. The list of a dead process is removed. */
  readonly done: () => void
}

const start = '.unsynced.'
const ending = 'list'
const schema = 1
const header = `${JSON.stringify({ schema })}\n`
/** Characters; a longer list goes on in another file, so that each can be read. */
const longest = 8 * 1024 * 1024

const Header = t.type({ schema: t.literal(schema) })
const Line = t.array(t.string)

/** `isLeft`: whether the maker of something, who is elsewhere, is dead. */
export const unsyncedLists = (
  fs: FileSystem,
  root: string,
  isLeft: (path: string, maker: string) => boolean,
): Unsynced => {
  let own: { readonly path: string; readonly descriptor: number; length: number } | undefined
  const mine = new Set<string>()
  /** How much of the lists of others was synced. */
  const seen = new Map<string, number>()

  const close = (): void => {
    const list = own
    own = undefined
    if (list !== undefined) quietly(() => fs.closeSync(list.descriptor))
  }

  const note: Unsynced['note'] = (paths) => {
    const line = `${JSON.stringify(paths.map((path) => path.slice(root.length + 1)))}\n`
    try {
      if (own !== undefined && own.length > longest) close()
      if (own === undefined) {
        const path = temporaryName(root, start.slice(1, -1), ending)
        own = { path, descriptor: fs.openSync(path, 'wx'), length: 0 }
        mine.add(path)
        write(own, header)
      }
      write(own, line)
      return true
    } catch {
      return false
    }
  }

  const write = (list: NonNullable<typeof own>, text: string): void => {
    const bytes = Buffer.from(text, 'utf8')
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(list.descriptor, bytes, at, bytes.length - at)
    list.length += bytes.length
  }

  const listOf = (name: string): readonly Others[] => {
    const path = join(root, name)
    const maker = name.startsWith(start) && !mine.has(path) ? makerOf(name, ending) : undefined
    if (maker === undefined) return []
    const isDead = maker.life === 'dead' || (maker.life === 'unknown' && isLeft(path, maker.start)) // asked before it is read: nothing is added then
    const text = textOf(fs, path)
    const known = seen.get(name) ?? 0
    if (text.length === known && !isDead) return []
    const end = text.lastIndexOf('\n') + 1
    const done = (): void => {
      seen.set(name, end)
      if (isDead) removeQuietly(fs, path)
    }
    return [{ paths: pathsIn(root, text.slice(known, end)), done }]
  }

  return {
    note,
    end: () => {
      close()
      const ended = [...mine]
      return () => {
        for (const path of ended) {
          removeQuietly(fs, path)
          mine.delete(path)
        }
      }
    },
    ofOthers: () => namesIn(fs, root).flatMap(listOf),
  }
}

const namesIn = (fs: FileSystem, folder: string): readonly string[] => {
  try {
    return fs.readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const textOf = (fs: FileSystem, path: string): string => {
  try {
    return readText(fs, path) ?? ''
  } catch {
    return '' // no list of ours
  }
}

/** Paths within the store, whatever a list says. */
const pathsIn = (root: string, text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const read = parsed(line)
    if (Header.is(read)) return []
    const paths = Line.decode(read)
    return E.isLeft(paths) ? [] : paths.right.filter(isInside).map((path) => join(root, path))
  })

const isInside = (path: string): boolean =>
  path !== '' &&
  !path.includes('\0') &&
  path.split(/[/\\]/).every((segment) => segment !== '' && segment !== '.' && segment !== '..')

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
