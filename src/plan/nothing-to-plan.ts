import { nearest } from '../base/suggest.js'
import type { ResolvedConfig } from '../config/config-types.js'
import type { PlanError } from '../errors.js'

/** The error of a config without tasks. A misspelt `tasks` is read as a value, and named with its place. */
export const nothingToPlan = (entry: string, config: ResolvedConfig | undefined): PlanError => {
  for (const [name, { located }] of config?.values ?? []) {
    const [key] = nearest(name, ['tasks', 'uses'], 1)
    if (key !== undefined) return { _tag: 'NothingToPlan', place: located.place, near: { name, key } }
  }
  return { _tag: 'NothingToPlan', place: config?.place ?? { origin: entry, line: 0, column: 0 } }
}
