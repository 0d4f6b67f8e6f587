import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fieldOf } from '../../base/records.js'
import { splitPart } from '../../config/uses.js'

const extensions = ['.yaml', '.yml', '.json']

/**
 * Origin of a config that a user named: searched in the working folder, then the project's root, then its configs
 * folder; `.yaml`, `.yml` and `.json` are optional, files with other endings come last; `#part` stays. Relative to the
 * root, with `/`. If nothing is found, the name as a path in the configs folder, where it does not name that folder
 * itself, so that the error names a place.
 */
export const originOfConfig = (
  name: string,
  places: { readonly root: string; readonly configs: string; readonly workingFolder?: string },
): string => {
  const configs = resolve(places.root, places.configs)
  const fileOf = (path: string): string | undefined => {
    const files = (
      isAbsolute(path)
        ? [path]
        : [resolve(places.workingFolder ?? process.cwd(), path), resolve(places.root, path), resolve(configs, path)]
    )
      .flatMap((base) => ['', ...extensions].map((extension) => base + extension))
      .filter(isFile)
    // a config goes before another file of its name, which is found only so that the error can name it
    return files.find((file) => extensions.some((extension) => file.endsWith(extension))) ?? files[0]
  }
  // The name of a folder may contain a #.
  const whole = name.includes('#') ? fileOf(name) : undefined
  const { path, part } = whole === undefined ? splitPart(name) : { path: name, part: undefined }
  const file = whole ?? fileOf(path)
  const fromRoot = resolve(places.root, path)
  const isBelowRoot = isAbsolute(path) || fromRoot.startsWith(configs + sep) || !existsSync(configs)
  const origin = relative(places.root, file ?? (isBelowRoot ? fromRoot : join(configs, path)))
  const text = origin.split(sep).join('/')
  // readers split at the last #: an empty part leaves the one in a name alone
  return part === undefined ? (text.includes('#') ? `${text}#` : text) : `${text}#${part}`
}

/** An inaccessible file counts as existing: reading it reports the reason. */
const isFile = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch (cause) {
    return fieldOf(cause, 'code') === 'EACCES'
  }
}
