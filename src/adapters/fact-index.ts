import { namesIn } from './artifact-names.js'
import { codeOf, quietly, readText, removeQuietly, writeNew, type FileSystem } from './file-system.js'
import { temporaryName } from './temporary-names.js'
import { factLine, factsOfRunInfo, parseFactLine, parseFactStart } from '../runtime/artifact-facts.js'
import { codeState } from '../runtime/drift-code.js'
import type { ArtifactFacts, Blessing } from '../runtime/ports.js'

/**
 * The index of a task's folder, `.index.jsonl`: a line of facts for each commit, the last of a key counts. Nothing depends on it:
 * lines that are torn or missing (a kill, a copy, another version) are read from run infos again, and it may be deleted at any time.
 */
export interface FactIndex {
  /** Remembers a commit; written with others before long. `replaced`: at once, since an older line tells of the artifact before. */
  add(folder: string, facts: ArtifactFacts, replaced: boolean): void
  /** Facts of all `keys`, read from the index and, where that lacks them, from run infos; `all` are the keys that the folder has. */
  read(folder: string, keys: ReadonlySet<string> | undefined, all: () => ReadonlySet<string>): ReadonlyMap<string, ArtifactFacts>
  /** Keeps blessings in `.blessed.jsonl`. */
  bless(folder: string, blessings: readonly Blessing[]): void
  /** Writes what was remembered. Never throws: an index that cannot be written is made again when it is read. */
  flush(): void
}

const indexName = '.index.jsonl'
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
    quietly(() => fs.appendFileSync(`${folder}/${indexName}`, `\n${lines.join('\n')}\n`))
  }

  const writeWaiting = (folder: string): void => {
    const lines = waiting.get(folder)
    if (lines === undefined) return
    waiting.delete(folder)
    write(folder, lines)
  }

  const add: FactIndex['add'] = (folder, facts, replaced) => {
    const lines = waiting.get(folder)
    if (lines === undefined) waiting.set(folder, [factLine(facts)])
    else lines.push(factLine(facts))
    if (replaced || (lines !== undefined && lines.length >= mostWaiting)) writeWaiting(folder)
  }

  const read: FactIndex['read'] = (folder, keys, all) => {
    writeWaiting(folder)
    const text = textOf(fs, `${folder}/${indexName}`)
    const wanted = keys ?? all()
    const found = new Map<string, ArtifactFacts>()
    let lines = 0
    if (keys !== undefined && keys.size <= fewKeys) {
      for (const key of keys) {
        const facts = lastLine(text, key)
        if (facts !== undefined) found.set(key, facts)
      }
    } else {
      for (const line of text.split('\n').reverse()) {
        if (line === '') continue
        lines++
        const key = keyOf(line)
        if (key !== undefined && (found.has(key) || !wanted.has(key))) continue // not parsed: most of a large index is of no interest
        const facts = keys === undefined ? parseFactLine(line) : parseFactStart(line)
        if (facts !== undefined && wanted.has(facts.key) && !found.has(facts.key)) found.set(facts.key, facts)
      }
    }
    const lost = [...wanted].filter((key) => !found.has(key))
    const healed = lost.flatMap((key) => fromRunInfo(fs, folder, key))
    for (const facts of healed) found.set(facts.key, facts)
    if (healed.length > 0) write(folder, healed.map(factLine))
    if (keys === undefined && lines > 4 * wanted.size + 1000) compact(fs, folder, text, [...found.values()])
    return withBlessings(found, textOf(fs, `${folder}/${blessedName}`))
  }

  return {
    add,
    read,
    bless: (folder, blessings) => fs.appendFileSync(`${folder}/${blessedName}`, `\n${blessings.map((blessing) => JSON.stringify(blessing)).join('\n')}\n`),
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
const lastLine = (text: string, key: string): ArtifactFacts | undefined => {
  const start = `\n{"key":${JSON.stringify(key)}`
  for (let at = text.lastIndexOf(start); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(start, at - 1)) {
    const end = text.indexOf('\n', at + 1)
    const facts = parseFactLine(text.slice(at + 1, end < 0 ? undefined : end))
    if (facts !== undefined) return facts
  }
  return undefined
}

const fromRunInfo = (fs: FileSystem, folder: string, key: string): readonly ArtifactFacts[] => {
  try {
    const text = readText(fs, namesIn(folder, { key, extension: null }).runInfo)
    const facts = text === undefined ? undefined : factsOfRunInfo(text, key)
    return facts === undefined ? [] : [facts]
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return []
  }
}

/** Drops lines of what is gone and of what was computed again. Another process may write meanwhile: then it is left for the next time. */
const compact = (fs: FileSystem, folder: string, text: string, facts: readonly ArtifactFacts[]): void => {
  const path = `${folder}/${indexName}`
  const temporary = temporaryName(folder, 'index')
  try {
    writeNew(fs, temporary, `\n${facts.map(factLine).join('\n')}\n`)
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
    if (blessing !== undefined && facts !== undefined && blessing.computedBy === codeState(facts)) found.set(facts.key, { ...facts, accepted: [...(facts.accepted ?? []), blessing.acceptedFor] })
  }
  return found
}

const parseBlessing = (line: string): Blessing | undefined => {
  if (line === '') return undefined
  try {
    const read = JSON.parse(line) as Partial<Blessing>
    return typeof read.key === 'string' && typeof read.computedBy === 'string' && typeof read.acceptedFor === 'string' ? (read as Blessing) : undefined
  } catch {
    return undefined
  }
}
