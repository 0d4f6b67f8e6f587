/** Names: from export keys to `group:name`, and the parts of full names. */

/**
 * `minVotes` → `min_votes`, `AllMovies` → `all_movies`; each capital starts a word. Must agree with the type `Snake`.
 */
export const snake = (key: string): string =>
  /[A-Z]/.test(key) ? key.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '_') + letter.toLowerCase()) : key

/** The name of a task from its export key: snake case without a trailing `_task`. */
export const taskNameOf = (key: string): string => snake(key).replace(/_task$/, '')

/** The parts of `ns::group:name`. `namespace` and `group` are empty if absent. */
export interface NameParts {
  readonly namespace: string
  readonly group: string
  readonly name: string
}

export const partsOf = (fullName: string): NameParts => {
  const split = fullName.lastIndexOf('::')
  const task = split < 0 ? fullName : fullName.slice(split + 2)
  const colon = task.lastIndexOf(':')
  return {
    namespace: split < 0 ? '' : fullName.slice(0, split),
    group: colon < 0 ? '' : task.slice(0, colon),
    name: task.slice(colon + 1),
  }
}

/** `group:name` in a namespace; the empty namespace adds nothing. */
export const fullNameOf = (namespace: string, task: string): string =>
  namespace === '' ? task : `${namespace}::${task}`

/** A namespace within another; a leading `::` starts from the top. */
export const joinNamespaces = (outer: string, inner: string): string => {
  if (inner.startsWith('::')) return inner.slice(2)
  return outer === '' || inner === '' ? outer + inner : `${outer}::${inner}`
}

/**
 * Whether a name may become a path segment: a letter, digit or underscore first, then also `-` and `.`; at most 100
 * characters; no `..`.
 * Windows device names are refused too, so that a store can be moved.
 */
export const isSafeName = (name: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9_-]{4,99}$/.test(name) || // longer than a device name, and without a dot
  (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name) &&
    !name.includes('..') &&
    !name.endsWith('.') &&
    !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name))
