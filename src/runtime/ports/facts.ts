import type { PreImage } from '../../plan/key.js'

/**
 * Facts of an artifact that are known without opening its files: for `why`, `diff` and code drift. They never decide
 * about a hit: names do.
 */
export interface ArtifactFacts {
  readonly key: string
  /** When the run ended, as in the run info. */
  readonly ended: string
  readonly seconds: number
  /** Fingerprint of the code that computed it; null if it could not be read. */
  readonly code: string | null
  /**
   * Hash over the code of the task and its upstream tasks that declare `onCodeChange: 'recompute'`; undefined if there
   * was none.
   */
  readonly lineage?: string
  /** Kind of the data format; null if no data was stored. */
  readonly format: string | null
  readonly extension: string | null
  /** Bytes of the data. */
  readonly size: number | null
  /** The pre-image of the key; undefined if it is too large for a catalog: the run info has it. */
  readonly preImage?: PreImage
  /** Pre-images of inputs that are only in memory, and of their own inputs, by key: they are recorded nowhere else. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** SHA-256 of the content; undefined if it was not computed: nothing is concluded from that. */
  readonly digest?: string
  /** Content identity: a hash of the pre-image with each input's digest in place of its key. */
  readonly identity?: string
  /**
   * Digests of the artifacts that were read, by key: inputs, those behind inputs in memory, and those that objects
   * requested.
   */
  readonly reads?: { readonly [key: string]: string }
  /** The origin of the data, if it was not computed but adopted from an artifact of equal identity. */
  readonly adopted?: AdoptedFrom
}

/** The artifact from which another key adopted its data. */
export type AdoptedFrom = {
  readonly key: string
  readonly digest: string
  readonly at: string
  /** The former name under which it was stored: `films:sum`, or that of a param or input, `param min`. */
  readonly formerly?: string
}

/** One result that is accepted for other code than that which computed it. */
export interface Blessing {
  readonly key: string
  /** `codeState` of the artifact at that time: a recomputed result is not meant. */
  readonly computedBy: string
  /** `codeState` of the code that it is accepted for. */
  readonly acceptedFor: string
  /** When and by whom, for people. */
  readonly at: string
  readonly user: string
}

/** Folders whose facts are requested, with the requested keys; undefined: all, with their pre-images. */
export type AskedFacts = ReadonlyMap<string, ReadonlySet<string> | undefined>

/** Facts of an artifact, and the folder that it is in. */
export interface PlacedFacts {
  readonly folder: string
  readonly facts: ArtifactFacts
}

/**
 * Facts of artifacts without opening them: a store keeps a catalog of them, and reads the run infos of those that it
 * lacks. A store without it reports no code drift, and `why` reads run infos.
 */
export interface StoreFacts {
  /**
   * Facts of the artifacts in these folders; the answer has an entry for each folder. They are always those of the
   * artifact that is stored at this moment. For named keys, pre-images are left out. `lacking` is called for artifacts
   * whose run info had to be read.
   */
  read(
    asked: AskedFacts,
    lacking?: (found: Lacking) => void,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, ArtifactFacts>>>
  /**
   * Stored artifacts of these content identities, by identity; one that is not yet in the catalog may be missing and,
   * unless `fresh`, one that another process has added just now. Artifacts in `folders` are wanted: a store without a
   * catalog reads these.
   */
  identified(
    identities: readonly string[],
    fresh?: boolean,
    folders?: readonly string[],
  ): Promise<ReadonlyMap<string, readonly PlacedFacts[]>>
  /** Accepted results in these folders; the answer has an entry for each folder. */
  blessings(folders: readonly string[]): Promise<ReadonlyMap<string, readonly Blessing[]>>
  /** Records accepted results, which `blessings` returns from then on. */
  bless(folder: string, blessings: readonly Blessing[]): Promise<void>
}

/** What a catalog lacked. */
export interface Lacking {
  /** Run infos that were read for it. */
  readonly artifacts: number
  /** `none`: there was no catalog. `behind`: it is intact, but these were not added yet. */
  readonly because: 'none' | 'damaged' | 'newer' | 'behind'
  /** Why they could not be added, so that the next process reads them again: the system's error code. */
  readonly refused?: string
}
