import type { StoredNames } from '../../../runtime/ports/artifact.js'
import type { Listed } from '../bucket.js'

/**
 * Names of objects. A commit is one object, `m/<folder>/<key>/<generation>!<extension>…`, put where none is: the
 * highest generation counts, so an artifact is whole or absent and can be replaced. What is in its name is what a
 * listing has to know: a run never opens objects to find out what is there.
 */

const digits = 10

/** An artifact's commits, marks and logs. */
export const keyPrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `m/${folder}/${key}/`
/** Data that is too large to be in the commit, by digest. */
export const blobPrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `d/${folder}/${key}/`
/** Who computes it. */
export const allLeases = 'x/'
export const leasesBelow = (folder?: string): string => (folder === undefined ? allLeases : `${allLeases}${folder}/`)
export const leasePrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `${allLeases}${folder}/${key}/`

/** The history of runs. */
export const runPrefix = 'r/'

export const generationText = (generation: number): string => String(generation).padStart(digits, '0')

/** Name of a commit within its key; extensions undefined where it has no data, the data's first otherwise. */
export const commitName = (generation: number, extensions: readonly string[] | undefined): string =>
  generationText(generation) + (extensions === undefined ? '' : extensions.map((one) => `!${one}`).join(''))

/** An object, or what is somewhere in a pack of them. */
export interface Stored extends Listed {
  readonly within?: { readonly pack: Listed; readonly from: number }
}

type Commit = Stored & { readonly extensions: readonly string[] | undefined }

/** What a pack has of one key: a first commit, and its log. */
export interface Packed {
  readonly key: string
  readonly commit: Commit & Required<Stored>
  readonly log: Stored | undefined
}

/** What is under one key, from names alone. */
export interface KeyState {
  /** Of the newest commit, also where it was removed from a pack; 0 where there is none. */
  readonly generation: number
  readonly commit: Commit | undefined
  readonly stale: Listed | undefined
  readonly log: Stored | undefined
  readonly failedLog: Stored | undefined
  /** All of it, as it was listed. */
  readonly objects: readonly Listed[]
  readonly packed: readonly Packed[]
}

/** Of a key that has nothing. */
export const noState: KeyState = {
  generation: 0,
  commit: undefined,
  stale: undefined,
  log: undefined,
  failedLog: undefined,
  objects: [],
  packed: [],
}

const objectName = /^(\d{10})(?:((?:![A-Za-z0-9_.-]*)*)|\.(stale|log|gone))$/
const failedLogName = 'failed.log'

/**
 * Reads what there is of one key; marks and logs of earlier commits do not count. A commit of its own counts before one
 * in a pack: who computed it did not know of that.
 */
export const stateOf = (objects: readonly Listed[], packed: readonly Packed[] = []): KeyState => {
  let commit: KeyState['commit']
  let generation = 0
  for (const object of objects) {
    const [, number, extensions, kind] = objectName.exec(lastPart(object.name)) ?? []
    if (number === undefined || kind !== undefined || Number(number) < generation) continue
    generation = Number(number)
    commit = { ...object, extensions: extensions === '' ? undefined : (extensions ?? '').split('!').slice(1) }
  }
  const named = (name: string): Listed | undefined => objects.find((object) => lastPart(object.name) === name)
  let log: Stored | undefined
  if (generation === 0) {
    const isGone = named(goneName) !== undefined
    if (packed.length > 0 || isGone) generation = 1
    if (!isGone) ({ commit, log } = packed[0] ?? { commit, log })
  }
  const now = generationText(generation)
  return {
    generation,
    commit,
    stale: commit === undefined ? undefined : named(`${now}.stale`),
    log: named(`${now}.log`) ?? log,
    failedLog: named(failedLogName),
    objects,
    packed,
  }
}

/** As the names of files would say it; undefined where there is nothing that a listing has. */
export const storedNames = (state: KeyState, unfinished = false): StoredNames | undefined =>
  state.commit === undefined && state.log === undefined && !unfinished
    ? undefined
    : {
        extensions: state.commit?.extensions ?? [],
        runInfo: state.commit !== undefined,
        log: state.log !== undefined,
        stale: state.stale !== undefined,
        unfinished,
      }

/** Says that what packs have of a key was removed. */
export const goneName = `${generationText(1)}.gone`
export const staleName = (generation: number): string => `${generationText(generation)}.stale`
export const logName = (generation: number, which: 'kept' | 'failed'): string =>
  which === 'kept' ? `${generationText(generation)}.log` : failedLogName

/** By the name of an object under a key. */
export const isCommit = ({ name }: Listed): boolean => !/\.(stale|log|gone)$/.test(name)

/**
 * In which order the objects of a key are removed: the newest commit after the others, so that none of them comes to
 * count; marks and logs after it. What says that packs have nothing of it stays.
 */
export const removalOrder = ({ commit, objects }: KeyState): readonly string[] => {
  const last = (object: Listed): number => (object.name === commit?.name ? 1 : isCommit(object) ? 0 : 2)
  return objects
    .filter(({ name }) => lastPart(name) !== goneName)
    .toSorted((left, right) => last(left) - last(right))
    .map(({ name }) => name)
}

/** Objects by folder and key, of names `<root>/<folder>/<key>/<rest>`. */
export const byKey = (objects: readonly Listed[]): ReadonlyMap<string, ReadonlyMap<string, readonly Listed[]>> => {
  const folders = new Map<string, Map<string, Listed[]>>()
  for (const object of objects) {
    const parts = object.name.split('/')
    const [key = '', folder] = [parts.at(-2), parts.slice(1, -2).join('/')]
    let keys = folders.get(folder)
    if (keys === undefined) folders.set(folder, (keys = new Map<string, Listed[]>()))
    const known = keys.get(key)
    if (known === undefined) keys.set(key, [object])
    else known.push(object)
  }
  return folders
}

export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
