import type { Address } from './artifact.js'
import type { ArtifactFacts } from './facts.js'

/** What was told once of many artifacts. */
export interface Finding {
  /** Seconds that computing them took. */
  readonly seconds: number
}

/** A store's memory of what was told of many artifacts, by a name for all that it was told from but the artifacts. */
export interface StoreFindings {
  /**
   * What was noted, where each of these artifacts is the very one that it was noted of: run info, bytes of data, and
   * that nobody has marked it. Undefined in doubt, and while somebody is at work in the store. Never rejects.
   */
  find(question: string, addresses: readonly Address[]): Promise<Finding | undefined>
  /** Notes it; `facts` are those that `read` gave, side by side with the addresses. What cannot be noted is not. */
  note(question: string, addresses: readonly Address[], facts: readonly ArtifactFacts[]): void
}
