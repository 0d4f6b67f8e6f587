import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { filesOfPackage } from './workspace-packages.js'
import { moduleFiles, type ModuleFiles } from '../../adapters/project/typescript/module-files.js'

/**
 * A project's file and all files that it imports by path, directly or indirectly, found by reading their text, so that
 * they need not be loadable. Path mappings of the nearest `tsconfig.json` apply. Packages outside the workspace are
 * left out, and so are paths that are known only when the code runs.
 */
export const importedFiles = (file: string): readonly string[] => {
  const tsconfig = nearest('tsconfig.json', dirname(file))
  const files = filesFor(tsconfig)
  const found = new Set([file])
  for (const one of found) for (const other of importsOf(one, files)) found.add(other)
  return [...found, ...(tsconfig === undefined ? [] : [tsconfig])]
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

const importsOf = (file: string, files: ModuleFiles): readonly string[] => {
  const text = textOf(file)
  const parent = pathToFileURL(file).href
  return [...text.matchAll(specifiers)].flatMap(([, , specifier = '']) => {
    const url = urlOf(files, specifier, parent)
    if (url === undefined) return filesOfPackage(specifier, file).filter((path) => existsSync(path))
    return url.includes('/node_modules/') ? [] : [fileURLToPath(url)]
  })
}

const urlOf = (files: ModuleFiles, specifier: string, parent: string): string | undefined => {
  try {
    return files.candidate(specifier, parent).find()
  } catch {
    return undefined // not a URL
  }
}

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
