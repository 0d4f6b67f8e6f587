import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Project } from '../declare/project.js'
import type { UsageError } from '../errors.js'
import { taskchainError } from '../explain.js'

/** Names of a project's file, in the order they are looked for. */
export const projectFileNames = ['taskchain.config.ts', 'taskchain.config.mts', 'taskchain.config.js', 'taskchain.config.mjs'] as const

/** A project and where it was found. */
export interface LoadedProject {
  readonly project: Project
  /** Absolute path of its file. */
  readonly file: string
  /** What relative paths of the project start from: its own `root`, else the folder of its file. */
  readonly root: string
}

/**
 * Finds the project's file upward from a folder, or takes the one named, and loads it; TypeScript goes through tsx, which is only imported then.
 * Rejects with `TaskchainError`: `ProjectNotFound`, `ProjectNotLoaded` (with what the file threw), `NotAProject`.
 */
export const loadProject = async (folder: string, named?: string): Promise<LoadedProject> => {
  const file = named === undefined ? await findProjectFile(folder) : await fileNamed(resolve(folder, named))
  if (file === undefined) throw failure({ _tag: 'ProjectNotFound', lookedIn: folder, file: named })
  const exported = await imported(file)
  const project = [exported['default'], (exported['default'] as Exports | undefined)?.['default'], exported['project']].find(isProject)
  if (project === undefined) throw failure({ _tag: 'NotAProject', file })
  return { project, file, root: resolve(dirname(file), project.root ?? '.') }
}

/** The nearest project file in a folder or above; undefined where there is none. */
export const findProjectFile = async (folder: string): Promise<string | undefined> => {
  for (let here = resolve(folder); ; here = dirname(here)) {
    for (const name of projectFileNames) if (await isFile(resolve(here, name))) return resolve(here, name)
    if (dirname(here) === here) return undefined
  }
}

/** A file, or the project's file in a folder. */
const fileNamed = async (path: string): Promise<string | undefined> => {
  if (await isFile(path)) return path
  for (const name of projectFileNames) if (await isFile(resolve(path, name))) return resolve(path, name)
  return undefined
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
  if (file.endsWith('.ts') && !(await inModulePackage(file))) (await import('tsx/cjs/api')).register() // what Node takes for CommonJS is loaded by require
  const { register } = await import('tsx/esm/api')
  register()
}
let learnt = false

/** Whether the nearest package.json says `"type": "module"`. */
const inModulePackage = async (file: string): Promise<boolean> => {
  for (let here = dirname(file); ; here = dirname(here)) {
    const text = await readFile(resolve(here, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return /"type"\s*:\s*"module"/.test(text)
    if (dirname(here) === here) return false
  }
}

const isProject = (value: unknown): value is Project => typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'Project'

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

const failure = (error: UsageError): Error => taskchainError([error])
