import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DamagedArtifact, type ArtifactSource, type Bytes } from '../declare/format.js'
import { isSafeName } from '../declare/names.js'
import type { Address, Listing, Miss, Saved, StoredArtifact } from '../runtime/ports/artifact.js'
import type { ArtifactFacts, Blessing } from '../runtime/ports/facts.js'
import type { Aside, AsidePlace } from '../runtime/ports/upkeep.js'
import type { LeaseHolder } from '../runtime/ports/lease.js'
import type { Staging, Store } from '../runtime/ports/store.js'
import { factsOfRunInfo } from '../runtime/run-info/artifact-facts.js'
import { codeState } from '../runtime/code-drift/code-state.js'
import { onAbort } from '../runtime/session/on-abort.js'
import { quickData } from '../runtime/run-info/run-info.js'
import { checksumText, crc32 } from './file-store/checksum.js'
import { examineTree, measureTree, readTree } from './file-store/folder-tree.js'
import { checkAddress, checkExtension, checkFolder, checkLinkName, UnsafePath } from './file-store/safe-path.js'

/** A store in memory, with a way to give back the folders that it made for formats that need one. */
export interface MemoryStore extends Store {
  /** Removes the folders made for folder formats; also done when the process ends. The store is empty then. */
  dispose(): Promise<void>
}

interface Entry {
  extension: string | null
  bytes: Uint8Array | undefined
  /** What is kept beside the data, by extension. */
  beside: ReadonlyMap<string, Uint8Array>
  directory: string | undefined
  unfinished: string | undefined
  runInfo: string | undefined
  log: string | undefined
  failedLog: string | undefined
  stale: boolean
  staleBecause: string
  facts: ArtifactFacts | undefined
  /** Milliseconds since 1970. */
  written: number
}

/**
 * Artifacts in this process only: for tests and for chains that keep nothing. Values are kept as bytes, so that what is
 * read is what a
 * disk would give back; folder formats get real folders in the system's temporary one, made when needed.
 */
export const memoryStore = (): MemoryStore => {
  const folders = new Map<string, Map<string, Entry>>()
  const leases = new Map<string, (() => void)[]>()
  /** Readers of a folder, by its path. */
  const pins = new Map<string, number>()
  const blessings = new Map<string, readonly Blessing[]>()
  const aside: { readonly place: AsidePlace; readonly label: string; readonly entry: Entry }[] = []
  let place: string | undefined
  let count = 0

  const find = (address: Address): Entry | undefined => {
    checkAddress(address)
    return folders.get(address.folder)?.get(address.key)
  }

  const entryOf = (address: Address): Entry => {
    const known = find(address)
    if (known !== undefined) return known
    let folder = folders.get(address.folder)
    if (folder === undefined) folders.set(address.folder, (folder = new Map()))
    const made: Entry = {
      extension: address.extension,
      bytes: undefined,
      beside: new Map(),
      directory: undefined,
      unfinished: undefined,
      runInfo: undefined,
      log: undefined,
      failedLog: undefined,
      stale: false,
      staleBecause: '',
      facts: undefined,
      written: Date.now(),
    }
    folder.set(address.key, made)
    return made
  }

  const newFolder = (): string => {
    place ??= temporaryFolder()
    const path = join(place, String(count++))
    fs.mkdirSync(path)
    return path
  }

  const open = async (address: Address): Promise<StoredArtifact | Miss> => {
    const entry = find(address)
    if (entry === undefined || (!hasData(entry) && entry.runInfo === undefined)) return miss('absent')
    if (entry.runInfo === undefined) return miss('no run info')
    if (entry.stale) return entry.staleBecause === '' ? miss('stale') : miss('stale', entry.staleBecause)
    const facts = quickData(entry.runInfo)
    if (facts === undefined)
      return /^data: null$/m.test(entry.runInfo) ? miss('no data', 'the run kept no data') : miss('unreadable run info')
    if (facts.extension !== address.extension || entry.extension !== address.extension || !hasData(entry))
      return miss('no data')
    const path = `${address.folder}/${address.key}`
    if (entry.directory !== undefined) {
      const found = await measureTree(fs, entry.directory)
      if (found.size !== facts.size) return miss('size differs', `${found.size} bytes, the run info says ${facts.size}`)
      if (found.checksum !== facts.checksum)
        return miss('damaged', 'names or sizes of the files in it are not those of the run info')
      const { directory } = entry
      return {
        path: directory,
        runInfo: entry.runInfo,
        source: undefined,
        directory,
        examine: () => examineTree(fs, directory, facts.content),
      }
    }
    const bytes = entry.bytes as Uint8Array
    if (bytes.length !== facts.size)
      return miss('size differs', `${bytes.length} bytes, the run info says ${facts.size}`)
    const { beside } = entry
    const reader = beside.size === 0 ? {} : { beside: async (extension: string) => beside.get(extension)?.slice() }
    return {
      path: `${path}.${address.extension}`,
      runInfo: entry.runInfo,
      source: memorySource(bytes, facts.checksum),
      directory: undefined,
      ...reader,
    }
  }

  const stage = async (address: Address, storage: 'file' | 'folder' | 'checkpoint'): Promise<Staging> => {
    checkAddress(address)
    let directory: string | undefined
    let resumed = false
    if (storage === 'folder') directory = newFolder()
    if (storage === 'checkpoint') {
      directory = find(address)?.unfinished
      if (directory === undefined) entryOf(address).unfinished = directory = newFolder()
      else resumed = fs.readdirSync(directory).length > 0
    }
    let bytes: Uint8Array | undefined
    let saved: Saved | undefined
    let committed = false
    let beside: ReadonlyMap<string, Uint8Array> = new Map()
    const once = (): void => {
      if (saved !== undefined || committed) throw new Error('an artifact is written once')
    }
    return {
      directory,
      resumed,
      write: async (parts, views = {}) => {
        once()
        const extensions = Object.keys(views).toSorted()
        for (const extension of extensions) checkExtension(extension)
        if (address.extension !== null && extensions.includes(address.extension))
          throw new Error('what is kept beside the data cannot have its extension')
        bytes = await gather(parts)
        beside = new Map(extensions.map((extension) => [extension, Uint8Array.from(views[extension] as Uint8Array)]))
        saved = {
          size: bytes.length,
          checksum: checksumText(crc32(bytes)),
          ...(extensions.length === 0 ? {} : { beside: extensions }),
        }
        return saved
      },
      measure: async () => {
        once()
        if (directory === undefined) throw new Error('a file artifact is written, not measured')
        saved = await readTree(fs, directory)
        return saved
      },
      source: () => {
        if (bytes === undefined || saved === undefined) throw new Error('there are no bytes to read back yet')
        return memorySource(bytes, saved.checksum)
      },
      commit: async (runInfo, facts) => {
        if (saved === undefined || committed) throw new Error('a commit comes once, after write or measure')
        const entry = entryOf(address)
        const former = entry.directory
        if (storage === 'checkpoint') entry.unfinished = undefined
        Object.assign(entry, {
          extension: address.extension,
          bytes,
          beside,
          directory,
          runInfo,
          facts,
          stale: false,
          log: undefined,
          written: Date.now(),
        })
        if (former !== undefined && former !== directory) fs.rmSync(former, { recursive: true, force: true })
        committed = true
        return directory ?? `${address.folder}/${address.key}.${address.extension}`
      },
      discard: async () => {
        if (!committed && storage === 'folder' && directory !== undefined)
          fs.rmSync(directory, { recursive: true, force: true })
      },
    }
  }

  const list = async (folder: string): Promise<Listing> => {
    checkFolder(folder)
    return new Map(
      [...(folders.get(folder) ?? [])].map(([key, entry]) => [
        key,
        {
          extensions: hasData(entry) ? [entry.extension ?? '', ...entry.beside.keys()] : [],
          runInfo: entry.runInfo !== undefined,
          log: entry.log !== undefined,
          stale: entry.stale,
          unfinished: entry.unfinished !== undefined,
        },
      ]),
    )
  }

  return {
    location: 'memory',
    list,
    open,
    stage,
    log: (address) => {
      checkAddress(address)
      const lines: string[] = []
      return {
        write: (line) => void lines.push(`${line}\n`),
        close: async (outcome) => {
          if (lines.length > 0) entryOf(address)[outcome === 'kept' ? 'log' : 'failedLog'] = lines.join('')
          return undefined
        },
      }
    },
    readLog: async (address, which) => find(address)?.[which === 'kept' ? 'log' : 'failedLog'],
    writeRunInfo: async (address, runInfo, facts) =>
      void Object.assign(entryOf(address), { runInfo, facts, stale: false, log: undefined }),
    readRunInfo: async (address) => find(address)?.runInfo,
    lease: (address, { signal, waiting }) => {
      checkAddress(address)
      return memoryLease(leases, `${address.folder}/${address.key}`, signal, waiting)
    },
    markStale: async (address, because = '') => {
      const entry = find(address)
      if (entry === undefined || (!hasData(entry) && entry.runInfo === undefined)) return
      if (!entry.stale) entry.staleBecause = because
      entry.stale = true
    },
    remove: async (address) => {
      const entry = find(address)
      folders.get(address.folder)?.delete(address.key)
      for (const path of [entry?.directory, entry?.unfinished])
        if (path !== undefined) fs.rmSync(path, { recursive: true, force: true })
    },
    pathOf: (address) => find(address)?.directory,
    unfinishedPath: async (address) => find(address)?.unfinished,
    link: async (address, name) => {
      checkLinkName(name)
      const entry = find(address)
      if (entry === undefined || !hasData(entry))
        throw Object.assign(new Error('nothing is stored under this key; there is nothing to link to'), {
          code: 'ENOENT',
        })
      return `${address.folder}/${name}${address.extension === null ? '' : `.${address.extension}`}`
    },
    facts: async (folder, keys) => {
      checkFolder(folder)
      const found = new Map<string, ArtifactFacts>()
      for (const [key, entry] of folders.get(folder) ?? []) {
        if (entry.runInfo === undefined || keys?.has(key) === false) continue
        const facts = entry.facts ?? factsOfRunInfo(entry.runInfo, key)
        if (facts !== undefined) found.set(key, withAccepted(facts, blessings.get(folder) ?? []))
      }
      return found
    },
    bless: async (folder, given) => {
      checkFolder(folder)
      blessings.set(folder, [...(blessings.get(folder) ?? []), ...given])
    },
    walk: async function* () {
      for (const folder of [...folders.keys()].sort()) {
        for (const [key, names] of await list(folder)) {
          const entry = folders.get(folder)?.get(key)
          if (entry !== undefined) yield { folder, key, names, bytes: await bytesOf(entry), written: entry.written }
        }
      }
    },
    held: async (address) => {
      checkAddress(address)
      return leases.has(`${address.folder}/${address.key}`) ? { host: 'this process', pid: process.pid } : undefined
    },
    pin: async (address) => {
      checkAddress(address)
      const path = `${address.folder}/${address.key}`
      pins.set(path, (pins.get(path) ?? 0) + 1)
      let released = false
      return {
        release: async () => {
          if (!released) pins.set(path, (pins.get(path) as number) - 1)
          released = true
        },
      }
    },
    pinned: async (address) => {
      checkAddress(address)
      return (pins.get(`${address.folder}/${address.key}`) ?? 0) > 0
        ? { host: 'this process', pid: process.pid }
        : undefined
    },
    setAside: async ({ folder, key }, place, label) => {
      const entry = find({ folder, key, extension: null })
      if (!isSafeName(label)) throw new UnsafePath(`'${label}' cannot be part of a path`)
      if (entry === undefined) return
      folders.get(folder)?.delete(key)
      aside.push({ place, label, entry })
    },
    aside: async ({ remove = false } = {}) => {
      const found = new Map<string, Aside>()
      for (const { place, label, entry } of aside) {
        const before = found.get(`${place} ${label}`) ?? { place, label, files: 0, bytes: 0 }
        found.set(`${place} ${label}`, {
          ...before,
          files: before.files + 1,
          bytes: before.bytes + (await bytesOf(entry)),
        })
        if (remove)
          for (const path of [entry.directory, entry.unfinished])
            if (path !== undefined) fs.rmSync(path, { recursive: true, force: true })
      }
      if (remove) aside.length = 0
      return [...found.values()].sort((left, right) =>
        `${right.place} ${left.label}` < `${left.place} ${right.label}` ? -1 : 1,
      )
    },
    flush: async () => undefined,
    dispose: async () => {
      folders.clear()
      if (place !== undefined) {
        fs.rmSync(place, { recursive: true, force: true })
        atExit?.delete(place)
      }
      place = undefined
    },
  }
}

const miss = (reason: Miss['reason'], detail?: string): Miss =>
  detail === undefined ? { _tag: 'Miss', reason } : { _tag: 'Miss', reason, detail }

const bytesOf = async (entry: Entry): Promise<number> => {
  const inFolders = await Promise.all(
    [entry.directory, entry.unfinished].map(async (path) =>
      path === undefined ? 0 : (await measureTree(fs, path)).size,
    ),
  )
  const texts = [entry.runInfo, entry.log, entry.failedLog].map((text) => Buffer.byteLength(text ?? ''))
  return [
    entry.bytes?.length ?? 0,
    ...[...entry.beside.values()].map(({ length }) => length),
    ...inFolders,
    ...texts,
  ].reduce((total, bytes) => total + bytes, 0)
}

const hasData = (entry: Entry): boolean => entry.bytes !== undefined || entry.directory !== undefined

const withAccepted = (facts: ArtifactFacts, blessings: readonly Blessing[]): ArtifactFacts => {
  const mine = blessings.filter(({ key, computedBy }) => key === facts.key && computedBy === codeState(facts))
  return mine.length === 0 ? facts : { ...facts, accepted: mine.map(({ acceptedFor }) => acceptedFor) }
}

/** A copy: what the caller does with its memory afterwards must not reach the store. */
const gather = async (parts: Bytes): Promise<Uint8Array> => {
  if (parts instanceof Uint8Array) return Uint8Array.from(parts)
  const copies: Uint8Array[] = []
  for await (const part of parts as AsyncIterable<Uint8Array> | readonly Uint8Array[])
    copies.push(Uint8Array.from(part))
  return new Uint8Array(Buffer.concat(copies))
}

/** Every reader gets a copy, as from a disk. */
const memorySource = (bytes: Uint8Array, checksum: string): ArtifactSource => {
  const checked = (): void => {
    if (checksumText(crc32(bytes)) !== checksum)
      throw new DamagedArtifact(
        `the checksum of the data is ${checksumText(crc32(bytes))}, the run info says ${checksum}`,
      )
  }
  return {
    size: bytes.length,
    bytes: async () => {
      checked()
      return bytes.slice()
    },
    stream: async function* () {
      checked()
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.slice(at, at + 65_536)
    },
    slice: async (from, to) => {
      if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= bytes.length))
        throw new RangeError(`bytes ${from} to ${to} of ${bytes.length} cannot be read`)
      return bytes.slice(from, to)
    },
  }
}

/** First come, first served. */
const memoryLease = async (
  leases: Map<string, (() => void)[]>,
  path: string,
  signal: AbortSignal,
  waiting: (holder: LeaseHolder) => void,
): Promise<{ release(): Promise<void> }> => {
  signal.throwIfAborted()
  const queue = leases.get(path)
  if (queue === undefined) leases.set(path, [])
  else {
    waiting({ host: 'this process', pid: process.pid })
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const mine = (): void => {
        forget()
        resolve()
      }
      const stop = (): void => {
        queue.splice(queue.indexOf(mine), 1)
        reject(signal.reason)
      }
      queue.push(mine)
      const forget = onAbort(signal, stop)
    })
  }
  let released = false
  return {
    release: async () => {
      if (released) return
      released = true
      const next = leases.get(path)?.shift()
      if (next === undefined) leases.delete(path)
      else next()
    },
  }
}

let atExit: Set<string> | undefined

const temporaryFolder = (): string => {
  if (atExit === undefined) {
    const made = new Set<string>()
    process.once('exit', () => {
      for (const path of made) fs.rmSync(path, { recursive: true, force: true })
    })
    atExit = made
  }
  const path = fs.mkdtempSync(join(tmpdir(), `taskchain-${randomBytes(2).toString('hex')}-`))
  atExit.add(path)
  return path
}
