import * as nodeFs from 'node:fs'
import {
  appendText,
  diskError,
  kindOf,
  makeFolder,
  listNames,
  readOwn,
  remove,
  removeQuietly,
  tryReadText,
  writeNew,
  type FileSystem,
} from '../file-store/file-system.js'
import { sweep, temporaryName } from '../file-store/temporary-names.js'
import { idForm, maxRecordBytes, recordInText, recordText, type RunRecord } from './run-record.js'
import { planIn, type StoredPlan, type WrittenPlan } from './run-plan.js'

/**
 * The history of runs in a folder: `.runs/<id>.json` for each run, `<id>.pin` if it is pinned, `<id>.events` while it
 * is in progress, and `plans/`. Every file appears complete under its name.
 */
export interface FolderRuns {
  /** Ids of all runs, the latest first. No file is opened. */
  ids(): readonly string[]
  /** A record; undefined if there is none, or it cannot be read. */
  read(id: string): RunRecord | undefined
  /** Writes a record, replacing the former one of this id. Throws disk errors. */
  write(record: RunRecord): void
  /** Stores a plan, once for all runs that use it. */
  keepPlan(plan: WrittenPlan): void
  planBytes(name: string): Promise<Uint8Array | undefined>
  plan(name: string): Promise<StoredPlan | undefined>
  /** Names of all stored plans. */
  planNames(): readonly string[]
  /** Deletes a run's record and its events. */
  remove(id: string): void
  removePlan(name: string): void
  pins(): ReadonlySet<string>
  pin(id: string, pinned: boolean): void
  /** Appends lines to the events of a run. */
  appendEvents(id: string, lines: string): void
  /** Ids of runs that have events and have not ended, or died. */
  inProgress(): readonly string[]
  /** Events of such a run so far: lines of JSON, the last one possibly incomplete. */
  events(id: string): string | undefined
  /** Deletes the events of a run: its record has the outcome. */
  removeEvents(id: string): void
}

/** Folder below the store's root; hidden, so no address leads there. */
const folderName = '.runs'

/** The history below a store's root. Nothing is created before something is written. */
export const folderRuns = (root: string, fs: FileSystem = nodeFs): FolderRuns => {
  const folder = `${root}/${folderName}`
  const plans = `${folder}/plans`
  let isSwept = false
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
  const planBytes = async (name: string): Promise<Uint8Array | undefined> =>
    kindOf(fs, plans) === 'folder' ? readOwn(fs, `${plans}/${name}.gz`).catch(() => undefined) : undefined
  return {
    ids: () => named('.json').toSorted().toReversed(),
    read: (id) => {
      const text = tryReadText(fs, fileOf(id, 'json'), maxRecordBytes)
      const record = text === undefined ? undefined : recordInText(text)
      return record?.id === id ? record : undefined
    },
    write: (record) => place(fileOf(record.id, 'json'), recordText(record)),
    keepPlan: ({ name, bytes }) => {
      const path = `${plans}/${name}.gz`
      if (kindOf(fs, path) !== 'file') place(path, bytes())
      if (!isSwept) sweep(fs, folder, { isLeft: () => false }) // files of processes that were killed while writing
      isSwept = true
    },
    planBytes,
    plan: async (name) => {
      const bytes = await planBytes(name)
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
    appendEvents: (id, lines) => {
      prepare(fs, folder)
      appendText(fs, fileOf(id, 'events'), lines)
    },
    inProgress: () => named('.events').toSorted().toReversed(),
    events: (id) => tryReadText(fs, fileOf(id, 'events'), maxEventBytes),
    removeEvents: (id) => removeQuietly(fs, fileOf(id, 'events')),
  }
}

/** Maximum bytes of events that are read. */
const maxEventBytes = 64 * 1024 * 1024

/** Creates a folder of the history. A link in its place may lead anywhere: nothing is written there. */
const prepare = (fs: FileSystem, path: string): void => {
  const kind = kindOf(fs, path)
  if (kind === undefined) makeFolder(fs, path)
  else if (kind !== 'folder') throw diskError('ENOTDIR', `${path} is in the way: it is not a folder`)
}
