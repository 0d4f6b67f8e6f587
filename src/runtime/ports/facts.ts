import type { PreImage } from '../../plan/key.js'

/**
 * What is told of an artifact without opening its files: for `why`, `diff` and code drift. Never asked whether
 * something is a hit:
 * that is told from names.
 */
export interface ArtifactFacts {
  readonly key: string
  /** When the run ended, as in the run info. */
  readonly ended: string
  readonly seconds: number
  /** Fingerprint of the code that computed it; null where it could not be read. */
  readonly code: string | null
  /**
   * Hash over the code of all tasks above, itself included, that say `onCodeChange: 'recompute'`; undefined where there
   * was none.
   */
  readonly lineage?: string
  /** Kind of the data format; null where no data was kept. */
  readonly format: string | null
  readonly extension: string | null
  /** Bytes of the data. */
  readonly size: number | null
  /** What the key was hashed from; undefined where it is too large for an index: the run info has it. */
  readonly preImage?: PreImage
  /** Pre-images of inputs that are kept in memory only, and of theirs, by key: nobody else remembers them. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** Codes (`codeState`) that this result was accepted for by `bless`. */
  readonly accepted?: readonly string[]
}

/** One result that is accepted for other code than that which computed it. */
export interface Blessing {
  readonly key: string
  /** `codeState` of the artifact as it is: a result computed anew is not meant. */
  readonly computedBy: string
  /** `codeState` of the code that it is accepted for. */
  readonly acceptedFor: string
  /** When and by whom, for people. */
  readonly at: string
  readonly user: string
}
