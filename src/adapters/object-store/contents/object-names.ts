import type { StoredNames } from '../../../runtime/ports/artifact.js'
import type { Listed } from '../bucket.js'

/**
 * Names of objects. A commit is one object, `m/<folder>/<key>/<generation>!<extension>…`, put only if it does not
 * exist: the highest generation counts, so an artifact is complete or absent and can be replaced. Its name contains
 * everything that a listing needs: a run never opens objects to find out what exists.
 */

const digits = 10

/** Prefix of an artifact's commits, marks and logs. */
export const keyPrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `m/${folder}/${key}/`
/** Prefix of data that is too large for the commit, by digest. */
export const blobPrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `d/${folder}/${key}/`
/** Prefix of leases. */
export const allLeases = 'x/'
export const leasesBelow = (folder?: string): string => (folder === undefined ? allLeases : `${allLeases}${folder}/`)
export const leasePrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `${allLeases}${folder}/${key}/`

/** Prefix of the history of runs. */
export const runPrefix = 'r/'

export const generationText = (generation: number): string => String(generation).padStart(digits, '0')

/** Name of a commit within its key; extensions are undefined without data, otherwise that of the data comes first. */
export const commitName = (generation: number, extensions: readonly string[] | undefined): string =>
  generationText(generation) + (extensions === undefined ? '' : extensions.map((one) => `!${one}`).join(''))

/** An object, or a slice of a pack. */
export interface Stored extends Listed {
  readonly within?: { readonly pack: Listed; readonly from: number }
}

type Commit = Stored & { readonly extensions: readonly string[] | undefined }

/** Content of a pack for one key: a first commit, and its log. */
export interface Packed {
  readonly key: string
  readonly commit: Commit & Required<Stored>
  readonly log: Stored | undefined
}

/** State of one key, from names alone. */
export interface KeyState {
  /** Generation of the newest commit, even if it was removed from a pack; 0 if there is none. */
  readonly generation: number
  readonly commit: Commit | undefined
  readonly stale: Listed | undefined
  readonly log: Stored | undefined
  readonly failedLog: Stored | undefined
  /** All its objects, as listed. */
  readonly objects: readonly Listed[]
  readonly packed: readonly Packed[]
}

/** State of an empty key. */
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
 * Determines the state of one key; marks and logs of earlier commits do not count. A separate commit takes precedence
 * over one in a pack: its writer did not know of that one.
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

/** The state in the form of a listing; undefined if there is nothing to list. */
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

/** Marks that a key's commits in packs were removed. */
export const goneName = `${generationText(1)}.gone`
export const staleName = (generation: number): string => `${generationText(generation)}.stale`
export const logName = (generation: number, which: 'kept' | 'failed'): string =>
  which === 'kept' ? `${generationText(generation)}.log` : failedLogName

/** Decides by the name of an object of a key. */
export const isCommit = ({ name }: Listed): boolean => !/\.(stale|log|gone)$/.test(name)

/**
 * Order in which the objects of a key are removed: the newest commit after the older ones, so that none of these
 * becomes the current one; marks and logs last. The mark that packs have nothing of the key stays.
 */
export const removalOrder = ({ commit, objects }: KeyState): readonly string[] => {
  const last = (object: Listed): number => (object.name === commit?.name ? 1 : isCommit(object) ? 0 : 2)
  return objects
    .filter(({ name }) => lastPart(name) !== goneName)
    .toSorted((left, right) => last(left) - last(right))
    .map(({ name }) => name)
}

/** Objects by folder and key, for names `<root>/<folder>/<key>/<rest>`. */
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
