import { runInfoPath } from './artifact-names.js'
import { appendText, codeOf, quietly, readText, removeQuietly, writeNew, type FileSystem } from './file-system.js'
import { temporaryName } from './temporary-names.js'
import {
  blessingLine,
  factLine,
  factsOfRunInfo,
  parseBlessing,
  parseFactLine,
  parseFactStart,
} from '../../runtime/run-info/artifact-facts.js'
import { codeState } from '../../runtime/code-drift/code-state.js'
import type { ArtifactFacts, Blessing } from '../../runtime/ports/facts.js'

/**
 * The index of a task's folder, `.index.jsonl`: a line of facts for each commit, the last of a key counts. Nothing
 * depends on it: lines that are torn or missing (a kill, a copy, another version) are read from run infos again, and it
 * may be deleted at any time.
 */
export interface FactIndex {
  /**
   * Remembers a commit; written with others before long. `replaced`: at once, since an older line tells of the artifact
   * before.
   * `stamp`: of the run info's file (`stampOf`), taken while it was surely the one of these facts.
   */
  add(folder: string, facts: ArtifactFacts, replaced: boolean, stamp?: string): void
  /**
   * Facts of all `keys`, read from the index and, where that lacks them, from run infos; `all` are the keys that the
   * folder has. `certain`: lines come late and in any order, so one counts only where the file of the run info is the
   * one that it was written for.
   */
  read(
    folder: string,
    keys: ReadonlySet<string> | undefined,
    all: () => ReadonlySet<string>,
    certain?: boolean,
  ): ReadonlyMap<string, ArtifactFacts>
  /** Keeps blessings in `.blessed.jsonl`. */
  bless(folder: string, blessings: readonly Blessing[]): void
  /** Writes what was remembered. Never throws: an index that cannot be written is made again when it is read. */
  flush(): void
}

export const indexName = '.index.jsonl'
const blessedName = '.blessed.jsonl'

/** So many commits to one folder wait for each other: a kill loses their lines, not their results. */
const mostWaiting = 256

/** For so few keys the index is searched, not parsed. */
const fewKeys = 32

/** Bytes; what is larger is taken for missing. */
const largest = 256 * 1024 * 1024

/** A folder is its path on disk. */
export const factIndex = (fs: FileSystem): FactIndex => {
  const waiting = new Map<string, string[]>()

  const write = (folder: string, lines: readonly string[]): void => {
    // a line end first: what a killed process left may have none
    quietly(() => appendText(fs, `${folder}/${indexName}`, `\n${lines.join('\n')}\n`))
  }

  const writeWaiting = (folder: string): void => {
    const lines = waiting.get(folder)
    if (lines === undefined) return
    waiting.delete(folder)
    write(folder, lines)
  }

  const add: FactIndex['add'] = (folder, facts, replaced, stamp) => {
    const lines = waiting.get(folder)
    const line = stamped(facts, stamp)
    if (lines === undefined) waiting.set(folder, [line])
    else lines.push(line)
    if (replaced || (lines !== undefined && lines.length >= mostWaiting)) writeWaiting(folder)
  }

  const read: FactIndex['read'] = (folder, keys, all, certain = false) => {
    writeWaiting(folder)
    const text = textOf(fs, `${folder}/${indexName}`)
    const wanted = keys ?? all()
    const found = new Map<string, ArtifactFacts>()
    const kept = new Map<string, string>() // the lines that counted
    const stamps = new Map<string, string | undefined>()
    const stampNow = (key: string): string | undefined => {
      if (!stamps.has(key)) stamps.set(key, stampOf(fs, runInfoPath(folder, key)))
      return stamps.get(key)
    }
    let lines = 0
    if (keys !== undefined && keys.size <= fewKeys) {
      for (const key of keys) {
        const facts = lastLine(text, key, certain ? (stampNow(key) ?? 'none') : undefined)
        if (facts !== undefined) found.set(key, facts)
      }
    } else {
      for (const line of text.split('\n').reverse()) {
        if (line === '') continue
        lines++
        const key = keyOf(line)
        // not parsed: most of a large index is of no interest
        if (key !== undefined && (found.has(key) || !wanted.has(key))) continue
        if (certain && (key === undefined || !isStamped(line, stampNow(key)))) continue
        const facts = keys === undefined ? parseFactLine(line) : parseFactStart(line)
        if (facts === undefined || !wanted.has(facts.key) || found.has(facts.key)) continue
        found.set(facts.key, withRunInfoSize(facts, line))
        kept.set(facts.key, line)
      }
    }
    const lost = [...wanted].filter((key) => !found.has(key))
    const healed = lost.flatMap((key) => fromRunInfo(fs, folder, key))
    for (const { facts, line } of healed) {
      found.set(facts.key, withRunInfoSize(facts, line))
      kept.set(facts.key, line)
    }
    if (healed.length > 0)
      write(
        folder,
        healed.map(({ line }) => line),
      )
    if (keys === undefined && lines > 4 * wanted.size + 1000) compact(fs, folder, text, [...kept.values()])
    const blessed = `${folder}/${blessedName}`
    return fs.existsSync(blessed) ? withBlessings(found, textOf(fs, blessed)) : found
  }

  return {
    add,
    read,
    bless: (folder, blessings) =>
      appendText(fs, `${folder}/${blessedName}`, `\n${blessings.map(blessingLine).join('\n')}\n`),
    flush: () => {
      for (const folder of Array.from(waiting.keys())) writeWaiting(folder) // writing takes it out of the map
    },
  }
}

const textOf = (fs: FileSystem, path: string): string => {
  try {
    return readText(fs, path, largest) ?? ''
  } catch {
    return ''
  }
}

/** The key of a line, where it can be told without parsing. */
const keyOf = (line: string): string | undefined => {
  if (!line.startsWith('{"key":"')) return undefined
  const key = line.slice(8, line.indexOf('"', 8))
  return key.includes('\\') ? undefined : key
}

/** The last whole line of a key: the key stands first in its line. */
const lastLine = (text: string, key: string, stamp: string | undefined): ArtifactFacts | undefined => {
  const start = `\n{"key":${JSON.stringify(key)}`
  for (let at = text.lastIndexOf(start); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(start, at - 1)) {
    const end = text.indexOf('\n', at + 1)
    const line = text.slice(at + 1, end < 0 ? undefined : end)
    const facts = stamp === undefined || isStamped(line, stamp) ? parseFactStart(line) : undefined
    if (facts !== undefined) return withRunInfoSize(facts, line)
  }
  return undefined
}

/** Tells a file from any that is written in its place later; undefined where there is none. */
export const stampOf = (fs: FileSystem, path: string): string | undefined => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
}

const stamped = (facts: ArtifactFacts, stamp: string | undefined): string =>
  stamp === undefined ? factLine(facts) : `${factLine(facts).slice(0, -1)},"stamp":"${stamp}"}`
const isStamped = (line: string, stamp: string | undefined): boolean =>
  stamp !== undefined && line.endsWith(`,"stamp":"${stamp}"}`)

/** The size is the last part of a stamp, which ends a line. */
const withRunInfoSize = (facts: ArtifactFacts, line: string): ArtifactFacts => {
  const runInfoSize = Number(line.slice(line.lastIndexOf(' ') + 1, -2))
  return runInfoSize > 0 && line.lastIndexOf(',"stamp":"') > line.length - 100 ? { ...facts, runInfoSize } : facts
}

const fromRunInfo = (
  fs: FileSystem,
  folder: string,
  key: string,
): readonly { readonly facts: ArtifactFacts; readonly line: string }[] => {
  try {
    const path = runInfoPath(folder, key)
    // before: what is read after that is this one or a later one, whose stamp is another
    const stamp = stampOf(fs, path)
    const text = readText(fs, path)
    const facts = text === undefined ? undefined : factsOfRunInfo(text, key)
    return facts === undefined ? [] : [{ facts, line: stamped(facts, stamp) }]
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return []
  }
}

/**
 * Drops lines of what is gone and of what was computed again. Another process may write meanwhile: then it is left for
 * the next time.
 */
const compact = (fs: FileSystem, folder: string, text: string, lines: readonly string[]): void => {
  const path = `${folder}/${indexName}`
  const temporary = temporaryName(folder, 'index')
  try {
    writeNew(fs, temporary, `\n${lines.join('\n')}\n`)
    if (fs.statSync(path).size === Buffer.byteLength(text)) fs.renameSync(temporary, path)
    else removeQuietly(fs, temporary)
  } catch {
    removeQuietly(fs, temporary)
  }
}

const withBlessings = (found: Map<string, ArtifactFacts>, text: string): ReadonlyMap<string, ArtifactFacts> => {
  if (text === '') return found
  for (const line of text.split('\n')) {
    const blessing = parseBlessing(line)
    const facts = blessing === undefined ? undefined : found.get(blessing.key)
    if (blessing !== undefined && facts !== undefined && blessing.computedBy === codeState(facts))
      found.set(facts.key, { ...facts, accepted: [...(facts.accepted ?? []), blessing.acceptedFor] })
  }
  return found
}
