import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isProject, type Project } from '../../declare/project.js'
import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { readable } from '../../explain/readable.js'
import { keepFingerprintsOf } from './fingerprint-cache.js'
import { holdsTasks, isFile, isInStore } from './store-marks.js'
import { whileLoading } from '../../base/threads/code-being-loaded.js'
import { fieldOf, isObject, type Fields } from '../../base/records.js'

/** Names of a project's file, in search order. */
export const projectFileNames = [
  'taskchain.config.ts',
  'taskchain.config.mts',
  'taskchain.config.js',
  'taskchain.config.mjs',
] as const

/** A project and its location. */
export interface LoadedProject {
  readonly project: Project
  /** Absolute path of its file. */
  readonly file: string
  /** Base of the project's relative paths: its own `root`, or else the folder of its file. */
  readonly root: string
}

/**
 * Finds the project's file in a folder or above, or takes the named one, and loads it, including TypeScript.
 * Rejects with `TaskchainError`: `ProjectNotFound`, `ProjectNotLoaded` (with what the file threw), `NotAProject`.
 *
 * @example
 * const { root } = await loadProject(process.cwd())
 * root === process.cwd() // => true
 */
export const loadProject = async (folder: string, named?: string): Promise<LoadedProject> => {
  const file = await projectFileOf(folder, named)
  keepFingerprintsOf(file)
  const exported = await imported(file)
  const project = [exported['default'], fieldOf(exported['default'], 'default'), exported['project']].find(isProject)
  if (project === undefined) throw failure({ _tag: 'NotAProject', file })
  return { project, file, root: resolve(dirname(file), project.root ?? '.') }
}

/** The project's file, found or named, without loading it. Rejects with `ProjectNotFound`. */
export const projectFileOf = async (folder: string, named?: string): Promise<string> => {
  const file = named === undefined ? await findProjectFile(folder) : await fileNamed(resolve(folder, named))
  if (file === undefined) throw failure({ _tag: 'ProjectNotFound', lookedIn: folder, file: named })
  return file
}

/**
 * The nearest project file in a folder or above; undefined if there is none. Files in a store are data, never a
 * project: neither in the folders of tasks and artifacts, nor above these if a project encloses them.
 */
export const findProjectFile = async (folder: string): Promise<string | undefined> => {
  let found: string | undefined
  for (let here = resolve(folder); ; here = dirname(here)) {
    const file = await projectFileIn(here)
    if (file !== undefined && !(await isInStore(here))) {
      if (!(await holdsTasks(here))) return file
      found = file // unless an enclosing project has this as its store
    }
    if (dirname(here) === here) return found
  }
}

const projectFileIn = async (folder: string): Promise<string | undefined> => {
  for (const name of projectFileNames) if (await isFile(resolve(folder, name))) return resolve(folder, name)
  return undefined
}

/** A file, or the project's file in a folder. */
const fileNamed = async (path: string): Promise<string | undefined> =>
  (await isFile(path)) ? path : projectFileIn(path)

const imported = async (file: string): Promise<Fields> => {
  try {
    return await whileLoading(file, () => importedModule(file))
  } catch (thrown) {
    const cause = readable(thrown)
    const misplaced = await (await import('./entry-points.js')).misplacedImport(cause)
    throw failure({ _tag: 'ProjectNotLoaded', file, cause, ...(misplaced === undefined ? {} : { misplaced }) })
  }
}

/** The exports of a module, including TypeScript. */
export const importedModule = async (file: string): Promise<Fields> => {
  if (isTypeScript(file)) (await import('./typescript/learn-typescript.js')).learnTypeScript(file)
  const exported: unknown = await import(pathToFileURL(file).href)
  return isObject(exported) ? exported : {}
}

/** The code for loading TypeScript is only loaded if needed. */
const isTypeScript = (file: string): boolean => /\.m?ts$/.test(file)

const failure = (error: UsageError): Error => taskchainError([error])
