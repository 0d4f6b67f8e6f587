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
export const leasePrefix = ({ folder, key }: { readonly folder: string; readonly key: string }): string =>
  `${allLeases}${folder}/${key}/`

/** The history of runs. */
export const runPrefix = 'r/'

export const generationText = (generation: number): string => String(generation).padStart(digits, '0')

/** Name of a commit within its key; extensions undefined where it has no data, the data's first otherwise. */
export const commitName = (generation: number, extensions: readonly string[] | undefined): string =>
  generationText(generation) + (extensions === undefined ? '' : extensions.map((one) => `!${one}`).join(''))

/** What is under one key, from names alone. */
export interface KeyState {
  /** Of the newest commit; 0 where there is none. */
  readonly generation: number
  readonly commit: (Listed & { readonly extensions: readonly string[] | undefined }) | undefined
  readonly stale: Listed | undefined
  readonly log: Listed | undefined
  readonly failedLog: Listed | undefined
  /** All of it, as it was listed. */
  readonly objects: readonly Listed[]
}

/** Of a key that has nothing. */
export const noState: KeyState = {
  generation: 0,
  commit: undefined,
  stale: undefined,
  log: undefined,
  failedLog: undefined,
  objects: [],
}

const objectName = /^(\d{10})(?:((?:![A-Za-z0-9_.-]*)*)|\.(stale|log))$/
const failedLogName = 'failed.log'

/** Reads the objects of one key; marks and logs of earlier commits do not count. */
export const stateOf = (objects: readonly Listed[]): KeyState => {
  let commit: KeyState['commit']
  let generation = 0
  for (const object of objects) {
    const [, number, extensions, kind] = objectName.exec(lastPart(object.name)) ?? []
    if (number === undefined || kind !== undefined || Number(number) < generation) continue
    generation = Number(number)
    commit = { ...object, extensions: extensions === '' ? undefined : (extensions ?? '').split('!').slice(1) }
  }
  const named = (name: string): Listed | undefined => objects.find((object) => lastPart(object.name) === name)
  const now = generationText(generation)
  return {
    generation,
    commit,
    stale: commit === undefined ? undefined : named(`${now}.stale`),
    log: named(`${now}.log`),
    failedLog: named(failedLogName),
    objects,
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

export const staleName = (generation: number): string => `${generationText(generation)}.stale`
export const logName = (generation: number, which: 'kept' | 'failed'): string =>
  which === 'kept' ? `${generationText(generation)}.log` : failedLogName

/**
 * In which order the objects of a key are removed: the newest commit after the others, so that none of them comes to
 * count; marks and logs after it.
 */
export const removalOrder = ({ commit, objects }: KeyState): readonly string[] => {
  const isCommit = (name: string): boolean => !/\.(stale|log)$/.test(name)
  const [commits, others] = [true, false].map((wanted) =>
    objects.map(({ name }) => name).filter((name) => isCommit(name) === wanted && name !== commit?.name),
  )
  return [...(commits ?? []), ...(commit === undefined ? [] : [commit.name]), ...(others ?? [])]
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

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
