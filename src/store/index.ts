/**
 * `taskchain/store`: stores, sources of configs, executors and loggers; the implementations that come with the package,
 * and the ports for your own.
 */
export { fileStore, type FileStoreOptions } from '../adapters/file-store/file-store.js'
export { objectStore, type ObjectStoreOptions } from '../adapters/object-store/object-store.js'
export type { LeaseTimes } from '../adapters/object-store/object-lease.js'
export type { SigningKeys } from '../adapters/object-store/contents/signature.js'
export type { ObjectStore } from '../adapters/object-store/store-of-objects.js'
export { memoryStore, type MemoryStore } from '../adapters/memory-store/memory-store.js'
export type { RunFiles } from '../runtime/ports/run-history.js'
export type {
  FullStore,
  SmallResult,
  StagedStorage,
  Staging,
  Store,
  StoreAdding,
  StoreOpening,
} from '../runtime/ports/store.js'
export {
  besideOf,
  bytesSource,
  checkAddress,
  checkExtension,
  checkFolder,
  foundBytes,
  foundFolder,
  gatherBytes,
  leasesInProcess,
  measureFolder,
} from '../adapters/store-kit.js'
export { hitOrMiss, openArtifact } from '../runtime/run-info/hit-or-miss.js'
export type {
  Address,
  FoundArtifact,
  FoundData,
  KeyRange,
  Listing,
  Miss,
  Saved,
  StoredArtifact,
  StoredNames,
} from '../runtime/ports/artifact.js'
export type { ArtifactFacts, AskedFacts, Blessing, Lacking, PlacedFacts, StoreFacts } from '../runtime/ports/facts.js'
export type { Finding, StoreFindings } from '../runtime/ports/findings.js'
export type { InputInfo, RunInfo } from '../runtime/run-info/run-info-types.js'
export type { ItemCounts, ItemKind, ItemLine, ItemLog, ItemSet, StoreItems } from '../runtime/ports/items.js'
export type { StoreLinks } from '../runtime/ports/links.js'
export type { Aside, AsidePlace, StoredKey, StoredLease, StoreUpkeep } from '../runtime/ports/upkeep.js'
export type { FileSystem } from '../adapters/file-store/file-system.js'
export type { Lease, LeaseHolder } from '../runtime/ports/lease.js'
export type { Clock } from '../runtime/ports/clock.js'
export type { ArtifactLog, Log, LogLine, LogSink } from '../runtime/ports/log.js'
export { fileSource, loadDocuments, type LoadOptions } from '../adapters/project/config-files.js'
export { gitSource, type GitSource } from '../adapters/project/git-source.js'
export type { ConfigSource } from '../runtime/ports/config-source.js'
export { gatherDigests, type DigestOptions } from '../adapters/project/file-digests.js'
export type { Executor, Job } from '../runtime/ports/executor.js'
export type { NodeCalls, NodeJob, NodeOutcome } from '../runtime/ports/node-job.js'
export type { Listener, RunEvent, RunEventBody } from '../runtime/ports/events.js'
