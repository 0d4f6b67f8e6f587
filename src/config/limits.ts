import type { Place, PlanError } from '../errors.js'

/** Size limits of configs: far above what people write, far below what crashes a process. */
export const limits = {
  /** Characters of one file. */
  text: 32_000_000,
  /** Characters of one value, and of one key. */
  scalar: 1_000_000,
  key: 1_000,
  /** Nesting depth of maps and lists. */
  depth: 100,
  /** Values of one file with all aliases expanded. */
  values: 1_000_000,
  /** Configs of one chain: a config counts once in each namespace. */
  configs: 50_000,
  /** Nesting depth of namespaces. */
  namespaces: 50,
  /** Contexts of one chain, each use counted. */
  contexts: 10_000,
  /** Errors reported for one file. */
  errors: 100,
} as const

const words: { readonly [Limit in keyof typeof limits]: readonly [what: string, unit: string] } = {
  text: ['the config is too long', 'characters'],
  scalar: ['the value is too long', 'characters'],
  key: ['the key is too long', 'characters'],
  depth: ['the value is nested too deeply', 'levels'],
  values: ['the config holds too much, aliases followed', 'values'],
  configs: ['the chain has too many configs', 'of them'],
  namespaces: ['namespaces are nested too deeply', 'levels'],
  contexts: ['too many contexts use each other', 'of them'],
  errors: ['too much is wrong', 'errors'],
}

/** The error for an exceeded limit. */
export const tooLarge = (limit: keyof typeof limits, place: Place): PlanError => ({
  _tag: 'TooLarge',
  place,
  what: words[limit][0],
  limit: `${limits[limit].toLocaleString('en-US')} ${words[limit][1]}`,
})
