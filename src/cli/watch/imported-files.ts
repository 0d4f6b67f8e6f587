import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { filesOfPackage } from './workspace-packages.js'
import { moduleFiles, type ModuleFiles } from '../../adapters/project/typescript/module-files.js'

export interface ImportedFiles {
  readonly found: readonly string[]
  /** Where an import finds nothing: the paths that would end its search. */
  readonly missing: readonly string[]
}

/**
 * A project's file and all files that it imports by path, directly or indirectly, found by reading their text, so that
 * they need not be loadable. Path mappings of the nearest `tsconfig.json` apply. Packages outside the workspace are
 * left out, and so are paths that are known only when the code runs.
 */
export const importedFiles = (file: string): ImportedFiles => {
  const tsconfig = nearest('tsconfig.json', dirname(file))
  const files = filesFor(tsconfig)
  const [found, missing] = [new Set([file]), new Set<string>()]
  for (const one of found)
    for (const meant of importsOf(one, files)) {
      for (const path of meant.found) found.add(path)
      for (const path of meant.missing) missing.add(path)
    }
  return { found: [...found, ...(tsconfig === undefined ? [] : [tsconfig])], missing: [...missing] }
}

/** An unreadable `tsconfig.json` is ignored here; loading the project reports it. */
const filesFor = (tsconfig: string | undefined): ModuleFiles => {
  try {
    return moduleFiles({ tsconfig, cache: undefined })
  } catch {
    return moduleFiles({ tsconfig: undefined, cache: undefined })
  }
}

const specifiers = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(['"])([^'"\n]+)\1/g

const importsOf = (file: string, files: ModuleFiles): readonly ImportedFiles[] => {
  const parent = pathToFileURL(file).href
  return [...textOf(file).matchAll(specifiers)].map(([, , specifier = '']) => {
    const inPackage = filesOfPackage(specifier, file).filter((path) => existsSync(path))
    try {
      const { find, all } = files.candidate(specifier, parent)
      const found = find()
      if (found !== undefined) return { found: pathsOf([found]), missing: [] }
      return inPackage.length > 0 ? { found: inPackage, missing: [] } : { found: [], missing: pathsOf(all()) }
    } catch {
      return { found: inPackage, missing: [] } // not a URL
    }
  })
}

/** Without installed packages. */
const pathsOf = (urls: readonly string[]): readonly string[] =>
  urls.filter((url) => !url.includes('/node_modules/')).map((url) => fileURLToPath(url))

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const nearest = (name: string, folder: string): string | undefined => {
  for (let here = folder; ; here = dirname(here)) {
    if (existsSync(join(here, name))) return join(here, name)
    if (dirname(here) === here) return undefined
  }
}
