import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fieldOf } from '../../base/records.js'

/**
 * Origin of a config that a person named: looked for from the working folder, then the project's root, then its configs
 * folder; `.yaml`, `.yml` and `.json` may be left out; `#part` stays. Relative to the root, with `/`. Where nothing is
 * found, the name as it would stand below the configs folder, so that the error names a place.
 */
export const originOfConfig = (
  name: string,
  places: { readonly root: string; readonly configs: string; readonly workingFolder?: string },
): string => {
  const hash = name.indexOf('#')
  const path = hash < 0 ? name : name.slice(0, hash)
  const part = hash < 0 ? '' : name.slice(hash)
  const configs = resolve(places.root, places.configs)
  const bases = isAbsolute(path)
    ? [path]
    : [resolve(places.workingFolder ?? process.cwd(), path), resolve(places.root, path), resolve(configs, path)]
  const file = bases.flatMap((base) => ['', '.yaml', '.yml', '.json'].map((extension) => base + extension)).find(isFile)
  const origin = relative(
    places.root,
    file ?? (isAbsolute(path) ? path : existsSync(configs) ? join(configs, path) : resolve(places.root, path)),
  )
  return origin.split(sep).join('/') + part
}

/** What may not be looked at may be there: reading it says why it cannot be had. */
const isFile = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch (cause) {
    return fieldOf(cause, 'code') === 'EACCES'
  }
}
