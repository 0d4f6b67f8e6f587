import { createRequire } from 'node:module'
import { FormatProblem } from '../declare/format.js'
import { fieldOf } from '../base/records.js'

/** Packages that only some formats need; users of such a format install them. */

/**
 * Loads the packages of a feature when it is used. Rejects with `FormatProblem`, which says what to install, if one is
 * missing or does not load; `instead` names an alternative without them.
 * @example const vega = await optional('figures', ['vega@6'], () => import('vega'))
 */
export const optional = async <A>(
  feature: string,
  packages: readonly string[],
  load: () => Promise<A>,
  instead = '',
): Promise<A> => {
  try {
    return await load()
  } catch (cause) {
    throw new FormatProblem(
      `${feature} need${feature.endsWith('s') ? '' : 's'}` +
        ` the ${packages.length === 1 ? 'package' : 'packages'} ${packages.join(', ')}: ${reasonOf(cause)}`,
      { hint: `npm install ${packages.join(' ')}${instead === '' ? '' : `; ${instead}`}`, cause },
    )
  }
}

const reasonOf = (cause: unknown): string => {
  const code = fieldOf(cause, 'code')
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return 'not installed'
  return cause instanceof Error ? cause.message.split('\n')[0]! : String(cause)
}

/** Path of a file in a package. Throws if the package is not installed. */
export const fileOfPackage = (path: string): string => createRequire(import.meta.url).resolve(path)
