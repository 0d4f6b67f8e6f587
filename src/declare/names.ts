/** Names: from export keys to `group:name`, and the parts of full names. */

/** `minVotes` → `min_votes`, `AllMovies` → `all_movies`; each capital starts a word. The type `Snake` says the same. */
export const snake = (key: string): string =>
  key.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '_') + letter.toLowerCase())

/** Name of a task from its export key: snake case without a trailing `_task`. */
export const taskNameOf = (key: string): string => snake(key).replace(/_task$/, '')

/** `ns::group:name` taken apart. `namespace` and `group` are empty where there is none. */
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

/** `group:name` under a namespace; the empty namespace adds nothing. */
export const fullNameOf = (namespace: string, task: string): string =>
  namespace === '' ? task : `${namespace}::${task}`

/** A namespace inside another; a leading `::` starts from the top. */
export const joinNamespaces = (outer: string, inner: string): string => {
  if (inner.startsWith('::')) return inner.slice(2)
  return outer === '' || inner === '' ? outer + inner : `${outer}::${inner}`
}

/**
 * Names that become path segments: a letter, digit or underscore first, then also `-` and `.`; at most 100 characters;
 * no `..`.
 * Windows' device names are refused too, so that a store can be moved.
 */
export const isSafeName = (name: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name) &&
  !name.includes('..') &&
  !name.endsWith('.') &&
  !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)
