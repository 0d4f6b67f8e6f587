import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { acorn } from './loaded-late.js'

/** Determines the module format of a TypeScript file, and adapts CommonJS of a package so that it can be imported. */

export type ModuleFormat = 'module' | 'commonjs'

/** Follows Node's rules: the extension decides, then the package, otherwise the syntax. */
export const formatOf = (path: string, code: string): ModuleFormat => {
  if (path.endsWith('.mts')) return 'module'
  if (path.endsWith('.cts')) return 'commonjs'
  return typeOfPackage(path) === 'module' || !isCode(code, 'script') ? 'module' : 'commonjs'
}

/** Defines CommonJS names that the code uses, on the first line, so that line numbers stay. */
export const withNamesOfCommonJs = (path: string, code: string): string => {
  if (typeOfPackage(path) === 'module' || !/\b(?:require|__filename|__dirname)\b/.test(code)) return code
  const plain = code.replace(/^#!/, '//')
  const names = [
    ['__filename', 'import.meta.filename'],
    ['__dirname', 'import.meta.dirname'],
    ['require', "process.getBuiltinModule('module').createRequire(import.meta.url)"],
  ]
    .map(([name, value]) => `const ${name} = ${value};`)
    .filter((made) => isCode(`${made} ${plain}`, 'module')) // not if the file declares the name itself
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

/** `type` of the nearest package.json; undefined if it has none. */
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
    return undefined // Node reports what is wrong with it
  }
}
