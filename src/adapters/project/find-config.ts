import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fieldOf } from '../../base/records.js'
import { splitPart } from '../../config/uses.js'

/**
 * Origin of a config that a person named: looked for from the working folder, then the project's root, then its configs
 * folder; `.yaml`, `.yml` and `.json` may be left out; `#part` stays. Relative to the root, with `/`. Where nothing is
 * found, the name as it would stand below the configs folder, so that the error names a place.
 */
export const originOfConfig = (
  name: string,
  places: { readonly root: string; readonly configs: string; readonly workingFolder?: string },
): string => {
  const configs = resolve(places.root, places.configs)
  const fileOf = (path: string): string | undefined =>
    (isAbsolute(path)
      ? [path]
      : [resolve(places.workingFolder ?? process.cwd(), path), resolve(places.root, path), resolve(configs, path)]
    )
      .flatMap((base) => ['', '.yaml', '.yml', '.json'].map((extension) => base + extension))
      .find(isFile)
  // A folder above may have a # in its name.
  const whole = name.includes('#') ? fileOf(name) : undefined
  const { path, part } = whole === undefined ? splitPart(name) : { path: name, part: undefined }
  const file = whole ?? fileOf(path)
  const origin = relative(
    places.root,
    file ?? (isAbsolute(path) ? path : existsSync(configs) ? join(configs, path) : resolve(places.root, path)),
  )
  return origin.split(sep).join('/') + (part === undefined ? '' : `#${part}`)
}

/** What may not be looked at may be there: reading it says why it cannot be had. */
const isFile = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch (cause) {
    return fieldOf(cause, 'code') === 'EACCES'
  }
}
