import type { ContextSpec } from '../../config/config-types.js'

/** What overrides every config, from the command line. */
export interface LaidOver {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
  readonly store: string | undefined
}
