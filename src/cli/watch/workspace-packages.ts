import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { packageRoot } from '../../base/package-root.js'
import { isObject } from '../../base/records.js'

/**
 * Files that a package name may resolve to if the package belongs to this workspace, that is, if its folder is linked
 * into `node_modules` and lies elsewhere. Includes every file that its `exports` list under the name, for any
 * condition; empty for installed packages and for this one.
 */
export const filesOfPackage = (specifier: string, file: string): readonly string[] => {
  const [, name, subpath = ''] = /^((?:@[^/]+\/)?[^./#][^/]*)(\/.*)?$/.exec(specifier) ?? []
  const folder = name === undefined ? undefined : workspaceFolder(name, dirname(file))
  return folder === undefined ? [] : entriesOf(folder, subpath).map((entry) => join(folder, entry))
}

const workspaceFolder = (name: string, from: string): string | undefined => {
  for (let here = from; ; here = dirname(here)) {
    const link = join(here, 'node_modules', name)
    if (existsSync(link)) {
      const folder = realpathSync(link)
      return folder === packageRoot() || folder.split(sep).includes('node_modules') ? undefined : folder
    }
    if (dirname(here) === here) return undefined
  }
}

const entriesOf = (folder: string, subpath: string): readonly string[] => {
  const { exports, main } = packageOf(folder)
  if (exports === undefined) return [subpath === '' ? (typeof main === 'string' ? main : 'index.js') : subpath]
  const isBySubpath = isObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
  const bySubpath = isBySubpath ? Object.entries(exports) : [['.', exports] as const]
  return bySubpath.flatMap(([key, target]) => {
    const [start = '', end] = key.split('*')
    const asked = `.${subpath}`
    if (end === undefined) return asked === key ? textsIn(target) : []
    if (!asked.startsWith(start) || !asked.endsWith(end)) return []
    const middle = asked.slice(start.length, asked.length - end.length)
    return textsIn(target).map((text) => text.replaceAll('*', middle))
  })
}

const packageOf = (folder: string): { readonly exports?: unknown; readonly main?: unknown } => {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return isObject(read) ? read : {}
  } catch {
    return {}
  }
}

const textsIn = (target: unknown): readonly string[] => {
  if (typeof target === 'string') return [target]
  return isObject(target) ? Object.values(target).flatMap(textsIn) : []
}
