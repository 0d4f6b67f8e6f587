import type { Address } from './artifact.js'
import type { ArtifactFacts } from './facts.js'

/** A finding about many artifacts. */
export interface Finding {
  /** Seconds that computing them took. */
  readonly seconds: number
}

/** A store's findings about many artifacts, by a name for everything but the artifacts that they depend on. */
export interface StoreFindings {
  /**
   * The finding, if each of these artifacts is unchanged since: run info, bytes of data, and no stale mark. Undefined
   * if in doubt, and while any process writes to the store. Never rejects.
   */
  find(question: string, addresses: readonly Address[]): Promise<Finding | undefined>
  /**
   * Records a finding; `facts` are the results of `read`, parallel to the addresses. Does nothing if it cannot be
   * recorded.
   */
  note(question: string, addresses: readonly Address[], facts: readonly ArtifactFacts[]): void
}
