import type { RunFiles } from '../../runtime/ports/run-history.js'
import { allOf } from '../object-store/all-of.js'
import { idForm } from './run-record.js'

/**
 * Events of runs in progress as small files, `events/<id>/<part>`: each part has some lines of JSON. They exist until
 * the run has ended, or its record is removed.
 */
export interface LiveRuns {
  /** Ids of runs that started after the one with this id. */
  idsAfter(id: string): Promise<readonly string[]>
  /** Ids of runs that have published events: those in progress, whenever they started, and those that have died. */
  ids(): Promise<readonly string[]>
  put(id: string, part: number, lines: string): Promise<void>
  /** What the next parts contain, and the last of them; `part` itself if there are none. */
  partsAfter(id: string, part: number): Promise<{ readonly text: string; readonly part: number }>
  /** Text of the latest parts. */
  latest(id: string): Promise<string>
  /** Removes the parts of a run: the first ones, or all that exist. */
  remove(id: string, parts?: number): Promise<void>
}

/** No part comes before the first one. */
export const noPart = -1

export const liveRuns = (files: RunFiles): LiveRuns => {
  const namesAfter = async (id: string, part: number): Promise<readonly string[]> => {
    const last = part === noPart ? undefined : partName(id, part)
    const names = await files.list(folderOf(id), last)
    return names.filter((name) => partOf(id, name) > part).toSorted()
  }
  const textOf = async (names: readonly string[]): Promise<string> => {
    const texts = new Map<string, string>()
    await allOf(names, together, async (name) => {
      const bytes = await files.read(name, maxPartBytes)
      if (bytes !== undefined && bytes.length <= maxPartBytes) texts.set(name, Buffer.from(bytes).toString('utf8'))
    })
    return names.map((name) => texts.get(name) ?? '').join('\n')
  }
  return {
    idsAfter: async (id) => {
      const names = await files.list('runs/', `runs/${id}`)
      return names.flatMap((name) => {
        const found = /^runs\/(.*)\.json$/.exec(name)?.[1] ?? ''
        return idForm.test(found) && found > id ? [found] : []
      })
    },
    ids: async () => {
      const names = await files.list(eventsFolder)
      const ids = names.map((name) => name.slice(eventsFolder.length, name.lastIndexOf('/')))
      return [...new Set(ids)].filter((id) => idForm.test(id))
    },
    put: (id, part, lines) => files.write(partName(id, part), Buffer.from(lines)),
    partsAfter: async (id, part) => {
      const names = (await namesAfter(id, part)).slice(0, atOnce)
      const texts: string[] = []
      let [read, size] = [0, 0]
      while (read < names.length && size < enough) {
        const text = await textOf(names.slice(read, read + inGroup))
        texts.push(text)
        size += text.length
        read += inGroup
      }
      return { text: texts.join('\n'), part: names.slice(0, read).reduce((_, name) => partOf(id, name), part) }
    },
    latest: async (id) => textOf((await namesAfter(id, noPart)).slice(-mostRead)),
    remove: async (id, parts) => {
      const known = parts === undefined ? undefined : Array.from({ length: parts }, (_, part) => partName(id, part))
      const names = known ?? (await namesAfter(id, noPart))
      if (names.length === 0) return
      await (files.removeAll?.(names) ?? allOf(names, together, files.remove))
    },
  }
}

/** Number of concurrent requests, of parts that are read at once, and of parts that are read of an ended run. */
const together = 16
const atOnce = 64
const mostRead = 200
/** Parts are read in groups until they have that many characters: a page follows many runs, and parts may be large. */
const inGroup = 8
const enough = 8 * 1024 * 1024
/** A larger file is not a part. */
export const maxPartBytes = 4 * 1024 * 1024

const eventsFolder = 'events/'
const digits = 8
const folderOf = (id: string): string => {
  if (!idForm.test(id)) throw new RangeError(`not the id of a run: ${id}`)
  return `${eventsFolder}${id}/`
}
const partName = (id: string, part: number): string => `${folderOf(id)}${String(part).padStart(digits, '0')}`

/** `noPart` for any other name. */
const partOf = (id: string, name: string): number => {
  const rest = name.startsWith(folderOf(id)) ? name.slice(folderOf(id).length) : ''
  return /^\d{8}$/.test(rest) ? Number(rest) : noPart
}
