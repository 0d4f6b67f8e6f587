import type { LoadHook, ResolveHook } from 'node:module'
import { moduleFiles, type ModuleFiles, type ModuleFilesOptions } from './module-files.js'

/** Hooks of Node 20, which calls them on a separate thread: `register` starts it with this module. */

let files: ModuleFiles | undefined

export const initialize = (options: ModuleFilesOptions): void => {
  files = moduleFiles(options)
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const { first, find } = files?.candidate(specifier, context.parentURL) ?? { first: false, find: () => undefined }
  if (first) return next(find() ?? specifier)
  try {
    return await next(specifier)
  } catch (refused) {
    const url = find()
    if (url === undefined) throw refused
    return next(url)
  }
}

export const load: LoadHook = async (url, context, next) => {
  const loaded = files?.load(url, context.importAttributes?.['type'] !== undefined)
  return loaded === undefined ? next(url) : { ...loaded, shortCircuit: true }
}
