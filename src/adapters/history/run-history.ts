import { randomBytes } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { isAbsolute } from 'node:path'
import type { Store } from '../../runtime/ports/store.js'
import {
  appendText,
  diskError,
  kindOf,
  listNames,
  readOwn,
  remove,
  removeQuietly,
  tryReadText,
  writeNew,
  type FileSystem,
} from '../file-store/file-system.js'
import { sweep, temporaryName } from '../file-store/temporary-names.js'
import { idForm, recordIn, recordText, type RunRecord } from './run-record.js'
import { planIn, writtenPlan, type RunPlan } from './run-plan.js'

/**
 * The history of runs beside a store's artifacts: `.runs/<id>.json` for each, `<id>.pin` where it is pinned,
 * `<id>.events` while it goes on, and `plans/`. Every file gets its name whole.
 */
export interface RunHistory {
  /** Ids of all runs, the latest first. No file is opened. */
  ids(): readonly string[]
  /** A record; undefined where there is none, or what is there cannot be read. */
  read(id: string): RunRecord | undefined
  /** Writes a record, in place of the former of this id. Throws what the disk says. */
  write(record: RunRecord): void
  /** Keeps a plan, once for all runs that have it; its name. */
  keepPlan(plan: RunPlan): string
  plan(name: string): Promise<RunPlan | undefined>
  /** Names of all plans that are kept. */
  planNames(): readonly string[]
  /** Deletes a run's record, and what it has told. */
  remove(id: string): void
  removePlan(name: string): void
  pins(): ReadonlySet<string>
  pin(id: string, pinned: boolean): void
  /** Adds lines to what a run has told so far. */
  tell(id: string, lines: string): void
  /** Ids of the runs that have told something and have not ended, or died. */
  going(): readonly string[]
  /** What such a run has told so far: lines of JSON, the last one perhaps not whole. */
  told(id: string): string | undefined
  /** Drops what a run has told: its record says what came of it. */
  forget(id: string): void
}

/** Folder below the store's root; hidden, so no address leads there. */
const folderName = '.runs'

/** An id for a run that starts now. */
export const newRunId = (now: Date): string => {
  const [day, time] = now.toISOString().replaceAll(/[-:Z]/g, '').split('T')
  return `${day}-${time?.replace('.', '-')}-${randomBytes(2).toString('hex')}`
}

/** The history in a store; undefined where the store is no folder. */
export const historyOf = (store: Pick<Store, 'location' | 'opening'>): RunHistory | undefined => {
  const root = store.opening?.root ?? store.location
  return isAbsolute(root) ? runHistory(root) : undefined
}

/** The history below a store's root. Nothing is made before something is written. */
export const runHistory = (root: string, fs: FileSystem = nodeFs): RunHistory => {
  const folder = `${root}/${folderName}`
  const plans = `${folder}/plans`
  const named = (ending: string): readonly string[] =>
    kindOf(fs, folder) === 'folder'
      ? listNames(fs, folder).flatMap((name) => {
          const id = name.endsWith(ending) ? name.slice(0, -ending.length) : ''
          return idForm.test(id) ? [id] : []
        })
      : []
  const place = (path: string, bytes: string | Uint8Array): void => {
    for (const one of path.startsWith(plans) ? [folder, plans] : [folder]) prepare(fs, one)
    const temporary = temporaryName(folder, 'run')
    writeNew(fs, temporary, bytes)
    try {
      fs.renameSync(temporary, path)
    } catch (error) {
      removeQuietly(fs, temporary)
      throw error
    }
  }
  const fileOf = (id: string, ending: string): string => {
    if (!idForm.test(id)) throw new RangeError(`not the id of a run: ${id}`)
    return `${folder}/${id}.${ending}`
  }
  return {
    ids: () => named('.json').toSorted().toReversed(),
    read: (id) => {
      const text = tryReadText(fs, fileOf(id, 'json'), mostBytes)
      const record = text === undefined ? undefined : recordIn(text)
      return record?.id === id ? record : undefined
    },
    write: (record) => place(fileOf(record.id, 'json'), recordText(record)),
    keepPlan: (plan) => {
      const { name, bytes } = writtenPlan(plan)
      const path = `${plans}/${name}.gz`
      if (kindOf(fs, path) !== 'file') {
        place(path, bytes())
        sweep(fs, folder, { isLeft: () => false }) // what processes left here that were killed while they wrote
      }
      return name
    },
    plan: async (name) => {
      if (kindOf(fs, plans) !== 'folder') return undefined
      const bytes = await readOwn(fs, `${plans}/${name}.gz`).catch(() => undefined)
      return bytes === undefined ? undefined : planIn(name, bytes)
    },
    planNames: () =>
      kindOf(fs, plans) === 'folder'
        ? listNames(fs, plans).flatMap((name) => /^([0-9a-f]{32})\.gz$/.exec(name)?.[1] ?? [])
        : [],
    remove: (id) => {
      remove(fs, fileOf(id, 'json'))
      removeQuietly(fs, fileOf(id, 'events'))
    },
    removePlan: (name) => remove(fs, `${plans}/${name}.gz`),
    pins: () => new Set(named('.pin')),
    pin: (id, pinned) => (pinned ? place(fileOf(id, 'pin'), '') : remove(fs, fileOf(id, 'pin'))),
    tell: (id, lines) => {
      prepare(fs, folder)
      appendText(fs, fileOf(id, 'events'), lines)
    },
    going: () => named('.events').toSorted().toReversed(),
    told: (id) => tryReadText(fs, fileOf(id, 'events'), mostTold),
    forget: (id) => removeQuietly(fs, fileOf(id, 'events')),
  }
}

/** Records are small; what is larger is none. */
const mostBytes = 1024 * 1024
/** Nobody looks through more of what a run has told. */
const mostTold = 64 * 1024 * 1024

/** Makes a folder of ours. A link in its place may lead anywhere: nothing is written there. */
const prepare = (fs: FileSystem, path: string): void => {
  const kind = kindOf(fs, path)
  if (kind === undefined) fs.mkdirSync(path, { recursive: true })
  else if (kind !== 'folder') throw diskError('ENOTDIR', `${path} is in the way: it is not a folder`)
}
