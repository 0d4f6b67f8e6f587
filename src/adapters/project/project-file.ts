import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Project } from '../../declare/project.js'
import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { holdsTasks, isInStore } from './store-marks.js'

/** Names of a project's file, in the order they are looked for. */
export const projectFileNames = [
  'taskchain.config.ts',
  'taskchain.config.mts',
  'taskchain.config.js',
  'taskchain.config.mjs',
] as const

/** A project and where it was found. */
export interface LoadedProject {
  readonly project: Project
  /** Absolute path of its file. */
  readonly file: string
  /** What relative paths of the project start from: its own `root`, else the folder of its file. */
  readonly root: string
}

/**
 * Finds the project's file upward from a folder, or takes the one named, and loads it; TypeScript goes through tsx,
 * which is only imported then.
 * Rejects with `TaskchainError`: `ProjectNotFound`, `ProjectNotLoaded` (with what the file threw), `NotAProject`.
 *
 * @example
 * const { root } = await loadProject(process.cwd())
 * root === process.cwd() // => true
 */
export const loadProject = async (folder: string, named?: string): Promise<LoadedProject> => {
  const file = named === undefined ? await findProjectFile(folder) : await fileNamed(resolve(folder, named))
  if (file === undefined) throw failure({ _tag: 'ProjectNotFound', lookedIn: folder, file: named })
  const exported = await imported(file)
  const project = [
    exported['default'],
    (exported['default'] as Exports | undefined)?.['default'],
    exported['project'],
  ].find(isProject)
  if (project === undefined) throw failure({ _tag: 'NotAProject', file })
  return { project, file, root: resolve(dirname(file), project.root ?? '.') }
}

/**
 * The nearest project file in a folder or above; undefined where there is none. What lies in a store is data, never a
 * project: neither in the folders of tasks and artifacts, nor above these where there is a project around it.
 */
export const findProjectFile = async (folder: string): Promise<string | undefined> => {
  let found: string | undefined
  for (let here = resolve(folder); ; here = dirname(here)) {
    const file = await projectFileIn(here)
    if (file !== undefined && !(await isInStore(here))) {
      if (!(await holdsTasks(here))) return file
      found = file // unless there is one around it, whose store this is
    }
    if (dirname(here) === here) return found
  }
}

const projectFileIn = async (folder: string): Promise<string | undefined> => {
  for (const name of projectFileNames) if (await isFile(resolve(folder, name))) return resolve(folder, name)
  return undefined
}

/** A file, or the project's file in a folder. */
const fileNamed = async (path: string): Promise<string | undefined> => {
  return (await isFile(path)) ? path : projectFileIn(path)
}

type Exports = Readonly<Record<string, unknown>>

const imported = async (file: string): Promise<Exports> => {
  try {
    await learnTypeScript(file)
    return (await import(pathToFileURL(file).href)) as Exports
  } catch (cause) {
    throw failure({ _tag: 'ProjectNotLoaded', file, cause })
  }
}

/** Once a process; tsx stays registered, since tasks may import more TypeScript while they run. */
const learnTypeScript = async (file: string): Promise<void> => {
  if (!/\.m?ts$/.test(file) || learnt) return
  learnt = true
  const tsconfig = process.env[tsconfigVariable] ?? (await nearestFile(dirname(file), 'tsconfig.json'))
  if (file.endsWith('.ts') && !(await inModulePackage(file))) await learnRequire(tsconfig)
  const { register } = await import('tsx/esm/api')
  register({ tsconfig: tsconfig ?? false })
}
let learnt = false

/**
 * By itself tsx takes the `tsconfig.json` of the working folder, whose `paths` say which code is loaded: that may be a
 * folder of the store.
 */
const tsconfigVariable = 'TSX_TSCONFIG_PATH'

/**
 * What Node takes for CommonJS is loaded by require; there tsx asks a variable only. Our own package.json says nothing
 * that a tsconfig.json could.
 */
const learnRequire = async (tsconfig: string | undefined): Promise<void> => {
  const before = process.env[tsconfigVariable]
  process.env[tsconfigVariable] = tsconfig ?? fileURLToPath(new URL('../../../package.json', import.meta.url))
  try {
    ;(await import('tsx/cjs/api')).register()
  } finally {
    if (before === undefined) delete process.env[tsconfigVariable]
    else process.env[tsconfigVariable] = before
  }
}

const nearestFile = async (folder: string, name: string): Promise<string | undefined> => {
  for (let here = folder; ; here = dirname(here)) {
    if (await isFile(resolve(here, name))) return resolve(here, name)
    if (dirname(here) === here) return undefined
  }
}

/** Whether the nearest package.json says `"type": "module"`. */
const inModulePackage = async (file: string): Promise<boolean> => {
  for (let here = dirname(file); ; here = dirname(here)) {
    const text = await readFile(resolve(here, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return /"type"\s*:\s*"module"/.test(text)
    if (dirname(here) === here) return false
  }
}

const isProject = (value: unknown): value is Project =>
  typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'Project'

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

const failure = (error: UsageError): Error => taskchainError([error])
