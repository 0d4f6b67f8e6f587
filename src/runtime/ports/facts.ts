import type { PreImage } from '../../plan/key.js'

/**
 * What is told of an artifact without opening its files: for `why`, `diff` and code drift. Never asked whether
 * something is a hit: that is told from names.
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
  /** Bytes that its run info had when the line was written; undefined where that is not known. */
  readonly runInfoSize?: number
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

/** Folders whose facts are asked for, and of which keys; undefined: of all, with what they were hashed from. */
export type AskedFacts = ReadonlyMap<string, ReadonlySet<string> | undefined>

/**
 * Facts of artifacts by folder and key, from indexes: one read a folder, not one a file; what an index lacks is read
 * from run infos. A store without it reports no code drift, and `why` reads run infos.
 */
export interface StoreFacts {
  /**
   * Facts of what is stored in these folders; each of them is in the answer. Of keys that are named: not what they were
   * hashed from; more keys may come.
   * `certain`: those of the very artifact that is stored, whatever the index says: results of other code must not pass
   * for those of this one.
   */
  read(
    asked: AskedFacts,
    options?: { readonly certain?: boolean },
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, ArtifactFacts>>>
  /** Keeps that results were accepted; `read` says so from then on. */
  bless(folder: string, blessings: readonly Blessing[]): Promise<void>
}
