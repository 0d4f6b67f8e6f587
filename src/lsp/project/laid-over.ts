import type { ContextSpec } from '../../config/config-types.js'

/** What is laid over every config, as the command line said. */
export interface LaidOver {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
  readonly store: string | undefined
}
