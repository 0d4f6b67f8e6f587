import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where in a stack the code of this package, of others, and the user's own stands. */

interface Frame {
  /** The line of the stack. */
  readonly line: string
  /** `file:line:column` */
  readonly place: string
}

/** This package, by where it lies and not by how its folders are called: a project has its own `src/data`. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/**
 * The frames of a user's code, the innermost first: neither Node's nor this package's, nor those of packages, unless
 * there are no others.
 *
 * @example framesOf(new Error('no luck').stack ?? '')[0]?.place   // '/home/me/project/src/data/films.ts:12:9'
 */
export const framesOf = (stack: string): readonly Frame[] => {
  const frames = stack.split('\n').flatMap((line): readonly Frame[] => {
    const place = placeIn(line)
    return place === undefined || place.startsWith(ownFolder) ? [] : [{ line, place }]
  })
  const own = frames.filter(({ place }) => !place.includes(`${sep}node_modules${sep}`))
  return own.length > 0 ? own : frames
}

/** `at name (place)` or `at place`; undefined for what is no file: Node's own code, what `eval` was given. */
const placeIn = (line: string): string | undefined => {
  const [, named, plain] = /^\s+at (?:.*? \((.*)\)|(?:async )?(.*))$/.exec(line) ?? []
  const [, file = '', position = ''] = /^(.*?)(:\d+:\d+)$/.exec(named ?? plain ?? '') ?? []
  if (!/[/\\]/.test(file) || file.startsWith('node:') || file.startsWith('eval ')) return undefined
  try {
    return `${file.startsWith('file:') ? fileURLToPath(file) : file}${position}`
  } catch {
    return undefined
  }
}
