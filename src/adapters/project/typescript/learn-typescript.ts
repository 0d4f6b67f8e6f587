import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ownModule } from '../../../base/package-root.js'
import { moduleFiles, type ModuleFiles, type ModuleFilesOptions } from './module-files.js'
import { cacheFolderFor } from '../cache-folder.js'

/**
 * Enables this process to load TypeScript, once: modules that a project imports, now or while its tasks run. Paths of
 * the nearest tsconfig.json apply, not those of the working folder, which may be a store.
 */
export const learnTypeScript = (file: string): void => {
  if (learnt) return
  learnt = true
  process.setSourceMapsEnabled(true) // for the few files that are transformed
  const options: ModuleFilesOptions = { tsconfig: nearestTsconfig(dirname(file)), cache: cacheFolderFor(file) }
  if (registerHooks === undefined) {
    nodeModule.register(pathToFileURL(ownModule('adapters/project/typescript/hooks-thread')), { data: options })
    learnRequire(() => moduleFiles(options))
  } else registerHooks(hooksOf(moduleFiles(options)))
}
let learnt = false

const nearestTsconfig = (folder: string): string | undefined => {
  for (let here = folder; ; here = dirname(here)) {
    if (existsSync(join(here, 'tsconfig.json'))) return join(here, 'tsconfig.json')
    if (dirname(here) === here) return undefined
  }
}

/** The API of Node 22.15 and later, which the types of Node 20 lack. */
type RegisterHooks = (hooks: Hooks) => unknown
interface Hooks {
  readonly resolve: (
    specifier: string,
    context: { readonly parentURL?: string; readonly conditions?: readonly string[] },
    next: (specifier: string) => unknown,
  ) => unknown
  readonly load: (
    url: string,
    context: { readonly importAttributes?: Readonly<Record<string, string>>; readonly conditions?: readonly string[] },
    next: (url: string) => object,
  ) => unknown
}
const { registerHooks } = nodeModule as unknown as { readonly registerHooks?: RegisterHooks }

/** Node also calls the hooks for `require`, which uses paths where `import` uses URLs, and reads JSON as it is. */
const isRequired = (conditions: readonly string[] | undefined): boolean => conditions?.includes('require') === true

const hooksOf = (files: ModuleFiles): Hooks => ({
  resolve: (specifier, { parentURL, conditions }, next) => {
    const { first, find } = files.candidate(specifier, parentURL, isRequired(conditions))
    const found = (): string | undefined => {
      const url = find()
      return url !== undefined && isRequired(conditions) ? fileURLToPath(url) : url
    }
    if (first) return next(found() ?? specifier)
    try {
      return next(specifier)
    } catch (refused) {
      const other = found()
      if (other === undefined) throw refused
      return next(other)
    }
  },
  load: (url, { importAttributes, conditions }, next) => {
    const loaded = files.load(url, isRequired(conditions) || importAttributes?.['type'] !== undefined)
    if (loaded !== undefined) return { ...loaded, shortCircuit: true }
    // Deno runs required JSON as code if there are hooks
    return isRequired(conditions) && url.endsWith('.json') ? { ...next(url), format: 'json' } : next(url)
  },
})

/** `require` of a TypeScript file in Node 20, which calls no hooks for it. */
const learnRequire = (make: () => ModuleFiles): void => {
  let files: ModuleFiles | undefined
  interface Loaded {
    readonly _compile: (code: string, path: string, format?: string) => void
  }
  const { extensions } = nodeModule.createRequire(import.meta.url) as unknown as {
    readonly extensions: Record<string, (module: Loaded, path: string) => void>
  }
  for (const ending of ['.ts', '.cts', '.mts', '.tsx'])
    extensions[ending] = (module, path) => {
      files ??= make()
      const { source = '', format } = files.load(pathToFileURL(path).href, true) ?? {}
      module._compile(source, path, format)
    }
}
