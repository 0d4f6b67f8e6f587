import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { acorn } from './loaded-late.js'

/** Which kind of module a TypeScript file is, and what makes CommonJS of a package into one that can be imported. */

export type ModuleFormat = 'module' | 'commonjs'

/** As Node tells it: by the ending, by the package, and where neither says so by the syntax. */
export const formatOf = (path: string, code: string): ModuleFormat => {
  if (path.endsWith('.mts')) return 'module'
  if (path.endsWith('.cts')) return 'commonjs'
  return typeOfPackage(path) === 'module' || !isCode(code, 'script') ? 'module' : 'commonjs'
}

/** What TypeScript that is meant for CommonJS may speak of; on the first line, which therefore keeps its number. */
export const withNamesOfCommonJs = (path: string, code: string): string => {
  if (typeOfPackage(path) === 'module' || !/\b(?:require|__filename|__dirname)\b/.test(code)) return code
  const plain = code.replace(/^#!/, '//')
  const names = [
    ['__filename', 'import.meta.filename'],
    ['__dirname', 'import.meta.dirname'],
    ['require', "process.getBuiltinModule('module').createRequire(import.meta.url)"],
  ]
    .map(([name, value]) => `const ${name} = ${value};`)
    .filter((made) => isCode(`${made} ${plain}`, 'module')) // not where the file has one of its own
  return `${names.join(' ')} ${plain}`
}

const isCode = (text: string, sourceType: 'module' | 'script'): boolean => {
  try {
    acorn().parse(text, { ecmaVersion: 'latest', sourceType, allowHashBang: true, allowReturnOutsideFunction: true })
    return true
  } catch {
    return false
  }
}

const types = new Map<string, unknown>()

/** `type` of the nearest package.json; undefined where none says it. */
const typeOfPackage = (path: string): unknown => {
  const folder = dirname(path)
  if (types.has(folder)) return types.get(folder)
  const file = join(folder, 'package.json')
  const isOutermost = dirname(folder) === folder
  const type = existsSync(file) ? typeIn(readFileSync(file, 'utf8')) : isOutermost ? undefined : typeOfPackage(folder)
  types.set(folder, type)
  return type
}

const typeIn = (text: string): unknown => {
  try {
    return (JSON.parse(text) as { readonly type?: unknown } | null)?.type
  } catch {
    return undefined // Node says what is wrong with it
  }
}
