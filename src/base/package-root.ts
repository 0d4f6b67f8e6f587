import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fieldOf } from './records.js'

/** The folder of this package, whether its code runs from `src`, from a file in `dist` or from a chunk of it. */
export const packageRoot = (): string => {
  for (let here = dirname(fileURLToPath(import.meta.url)); ; here = dirname(here))
    if (existsSync(join(here, 'package.json')) || dirname(here) === here) return here
}

/** Path of a module of this package that is started by its path: on a thread, or by Node's loader. */
export const ownModule = (name: string): string => join(packageRoot(), 'dist', `${name}.js`)

/** The version of this package. */
export const ownVersion = (): string =>
  String(fieldOf(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')), 'version'))
