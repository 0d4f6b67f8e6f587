import type { LoadHook, ResolveHook } from 'node:module'
import { moduleFiles, type ModuleFiles, type ModuleFilesOptions } from './module-files.js'

/** Hooks of Node 20, which calls them on a thread of their own: `register` starts it with this module. */

let files: ModuleFiles | undefined

export const initialize = (options: ModuleFilesOptions): void => {
  files = moduleFiles(options)
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const { first, urls } = files?.candidates(specifier, context.parentURL) ?? { first: false, urls: [] }
  const [url] = urls
  if (url === undefined) return next(specifier)
  if (first) return next(url)
  return Promise.resolve(next(specifier)).catch(() => next(url))
}

export const load: LoadHook = async (url, context, next) => {
  const loaded = files?.load(url, context.importAttributes?.['type'] !== undefined)
  return loaded === undefined ? next(url) : { ...loaded, shortCircuit: true }
}
