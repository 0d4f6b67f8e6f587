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
  /** What the key was hashed from; undefined where it is too large for a catalog: the run info has it. */
  readonly preImage?: PreImage
  /** Pre-images of inputs that are kept in memory only, and of theirs, by key: nobody else remembers them. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** SHA-256 of the content; undefined where nobody has taken it: nothing is concluded from that. */
  readonly digest?: string
  /** What the value was made from, by content: the pre-image with each input's digest in place of its key, hashed. */
  readonly identity?: string
  /**
   * Digests of the artifacts that were read, by key: inputs, what those in memory were made from, what objects asked
   * for.
   */
  readonly reads?: { readonly [key: string]: string }
  /** Whose data it is, where it was not computed but taken over from an artifact of equal identity. */
  readonly adopted?: AdoptedFrom
}

/** Whose data an artifact has that was not computed under its key. */
export type AdoptedFrom = {
  readonly key: string
  readonly digest: string
  readonly at: string
  /** Where that was stored under a former name: the name, `films:sum`, or of a param or input, `param min`. */
  readonly formerly?: string
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

/** Facts of an artifact, and the folder that it is in. */
export interface PlacedFacts {
  readonly folder: string
  readonly facts: ArtifactFacts
}

/**
 * Facts of artifacts without opening one: a store keeps a catalog of them, and reads the run infos of what that lacks.
 * A store without it reports no code drift, and `why` reads run infos.
 */
export interface StoreFacts {
  /**
   * Facts of what is stored in these folders; each of them is in the answer. Always those of the very artifact that is
   * there just now. Of keys that are named: not what they were hashed from.
   * `lacking` is told of artifacts whose run info had to be read.
   */
  read(
    asked: AskedFacts,
    lacking?: (found: Lacking) => void,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, ArtifactFacts>>>
  /**
   * What is stored of these content identities, by identity; one that nobody has noted yet may be missing, and unless
   * `fresh`, what others have noted just now. Those in `folders` are wanted: a store without a catalog reads these.
   */
  identified(
    identities: readonly string[],
    fresh?: boolean,
    folders?: readonly string[],
  ): Promise<ReadonlyMap<string, readonly PlacedFacts[]>>
  /** What was accepted in these folders; each of them is in the answer. */
  blessings(folders: readonly string[]): Promise<ReadonlyMap<string, readonly Blessing[]>>
  /** Keeps that results were accepted; `blessings` says so from then on. */
  bless(folder: string, blessings: readonly Blessing[]): Promise<void>
}

/** What a catalog did not have. */
export interface Lacking {
  /** Run infos that were read for it. */
  readonly artifacts: number
  /** `none`: there was no catalog. `behind`: it is whole, but nobody has noted these yet. */
  readonly because: 'none' | 'damaged' | 'newer' | 'behind'
  /** Why they could not be noted either, so that the next process reads them again: the system's code. */
  readonly refused?: string
}
