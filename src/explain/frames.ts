import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Splits a stack into frames of this package, of other packages, and of the user's own code. */

interface Frame {
  /** The line of the stack. */
  readonly line: string
  /** `file:line:column` */
  readonly place: string
}

/** This package, identified by its location, not by folder names: a project may have its own `src/data`. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/**
 * The frames of the user's code, the innermost first; frames of Node and of this package are left out, and so are those
 * of other packages unless there are no others.
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

/** From `at name (place)` or `at place`; undefined if the place is not a file: Node's own code, or `eval`. */
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
