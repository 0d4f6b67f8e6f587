import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { getTsconfig } from './loaded-late.js'
import { formatOf, withNamesOfCommonJs, type ModuleFormat } from './module-format.js'
import { stripCache, type StripCache } from './strip-cache.js'
import { stripTypes } from './strip-types.js'

/**
 * Finds and reads files of a TypeScript project, for the hooks of Node's module loader; used both on its main thread
 * and on the thread of the hooks.
 */
export interface ModuleFiles {
  /**
   * The URL of a file that a specifier may mean in addition to Node's own resolution; `first`: it takes precedence.
   * `require` uses paths, where `import` uses URLs: `#`, `?` and `%` are ordinary characters in them.
   */
  readonly candidate: (specifier: string, parent: string | undefined, isRequired?: boolean) => Candidate
  /**
   * The JavaScript of a TypeScript or JSON file; undefined for files that Node reads itself, such as JSON with
   * `isData`.
   */
  readonly load: (url: string, isData: boolean) => LoadedFile | undefined
}

export interface Candidate {
  readonly first: boolean
  /** The first file that is there. */
  readonly find: () => string | undefined
  /** All files that it may mean, the preferred first. */
  readonly all: () => readonly string[]
}

export interface LoadedFile {
  readonly format: ModuleFormat
  readonly source: string
}

/** Plain data, so that it can be sent to the thread of the hooks. */
export interface ModuleFilesOptions {
  readonly tsconfig: string | undefined
  readonly cache: string | undefined
}

export const moduleFiles = ({ tsconfig, cache }: ModuleFilesOptions): ModuleFiles => {
  const { paths, verbatimModuleSyntax } = configOf(tsconfig)
  const stripped = stripCache(
    cache === undefined ? undefined : join(cache, verbatimModuleSyntax ? 'verbatim' : 'stripped'),
  )
  return {
    candidate: (specifier, parent, isRequired = false) => {
      if (isPath(specifier)) {
        const isKnown = parent !== undefined || specifier.startsWith('file:')
        return candidateOf(isTypeScript(parent ?? ''), () =>
          isKnown ? filesOf(urlOf(specifier, parent, isRequired)) : [],
        )
      }
      const isForeign = parent === undefined || parent.includes('/node_modules/')
      return candidateOf(true, () =>
        isForeign || paths === null ? [] : paths(specifier).flatMap((path) => filesOf(pathToFileURL(path).href)),
      )
    },
    load: (url, isData) => {
      if (!url.startsWith('file:')) return undefined
      if (isTypeScript(url)) return typeScriptFile(fileURLToPath(url), stripped, verbatimModuleSyntax)
      return /\.json(?:$|[?#])/.test(url) && !isData
        ? { format: 'module', source: `export default ${readFileSync(fileURLToPath(url), 'utf8')}` }
        : undefined
    },
  }
}

const configOf = (tsconfig: string | undefined) => {
  const text = tsconfig === undefined ? '' : readFileSync(tsconfig, 'utf8')
  if (tsconfig === undefined || !/"(?:extends|paths|baseUrl|verbatimModuleSyntax)"/.test(text))
    return { paths: null, verbatimModuleSyntax: false }
  const { createPathsMatcher, parseTsconfig } = getTsconfig()
  const config = parseTsconfig(tsconfig)
  const { compilerOptions = {} } = config
  return {
    paths:
      compilerOptions.paths === undefined && compilerOptions.baseUrl === undefined
        ? null
        : createPathsMatcher({ path: tsconfig, config }),
    verbatimModuleSyntax: compilerOptions.verbatimModuleSyntax === true,
  }
}

const isPath = (specifier: string): boolean => /^(?:\.{1,2}(?:\/|$)|\/|file:)/.test(specifier)

/** Whether a URL or path names a TypeScript file with code to run. */
export const isTypeScript = (url: string): boolean =>
  /\.[cm]?tsx?(?:$|[?#])/.test(url) && !/\.d\.[cm]?ts(?:$|[?#])/.test(url)

const urlOf = (specifier: string, parent: string | undefined, isRequired: boolean): string => {
  if (!isRequired || parent?.startsWith('file:') !== true) return new URL(specifier, parent).href
  return pathToFileURL(resolve(dirname(fileURLToPath(parent)), specifier)).href
}

/** TypeScript sources by the extension of the compiled files, which imports in TypeScript name. */
const sources: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}
const endings = ['.ts', '.mts', '.tsx', '.js', '.mjs', '.json', '/index.ts', '/index.js'] as const

const candidateOf = (first: boolean, all: Candidate['all']): Candidate => ({
  first,
  find: () => all().find((url) => isFile(url)),
  all,
})

/** The files that a URL may mean, which may lack its extension or name the compiled file. */
const filesOf = (url: string): readonly string[] => {
  const [, start = url, ending = '', rest = ''] = /^(.*?)(\.[cm]?jsx?)?([?#].*)?$/s.exec(url) ?? []
  const named = (sources[ending] ?? []).map((one) => start + one)
  const whole = start + ending
  return [...named, whole, ...endings.map((one) => whole.replace(/\/$/, '') + one)].map((one) => one + rest)
}

const isFile = (url: string): boolean => {
  try {
    return statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false
  }
}

const typeScriptFile = (path: string, cache: StripCache, verbatimModuleSyntax: boolean): LoadedFile => {
  const source = readFileSync(path, 'utf8')
  const code = cache.of(path, source, () => stripTypes(source, path, { verbatimModuleSyntax }))
  const format = formatOf(path, code)
  return { format, source: format === 'module' && !path.endsWith('.mts') ? withNamesOfCommonJs(path, code) : code }
}
