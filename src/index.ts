export { defineTask } from './declare/task.js'
export type {
  Carried,
  ContextOf,
  Declaration,
  Extras,
  Given,
  InputHandle,
  InputHandles,
  NamedTask,
  Naming,
  OnCodeChange,
  ParamValues,
  Retry,
  RunArgs,
  RunContextBase,
  Task,
  TaskBuilder,
  TaskCalled,
  TaskLog,
  TaskSpec,
} from './declare/task.js'
export { defineTemplate, derive } from './declare/derive.js'
export type {
  DataChange,
  TaskChanges,
  Template,
  TemplateBuilder,
  TemplateChanges,
  TemplateShape,
} from './declare/derive.js'
export { from, lazy, matching, optional, ref } from './declare/input.js'
export type { InNamespace, Input, InputOf, Inputs, Lazy, Matching, Optional, Ref } from './declare/input.js'
export { file, path } from './declare/file-param.js'
export { param } from './declare/param.js'
export type { Param, ParamOptions, Params, ParamSpec } from './declare/param.js'
export { anyValue } from './declare/codec/any-value.js'
export { defineObject, object } from './declare/object.js'
export type { ObjectArgs, ObjectBuilder, ObjectContext, ObjectDefinition } from './declare/object.js'
export { inMemory } from './declare/format.js'
export type { AnyFormat, ArtifactSource, Bytes, DataSpec, Format, Persistence, Unfinished } from './declare/format.js'
export { json } from './declare/json/json.js'
export { defineProject } from './declare/project.js'
export type {
  Askable,
  AskableAnywhere,
  Asked,
  Global,
  Modules,
  NamesOf,
  Project,
  ProjectOptions,
  ValueAsked,
  ValuesOf,
} from './declare/project.js'
export type { Awaitable, CompileError, Encoded, Yields } from './declare/types.js'
export { TaskchainError } from './errors.js'
export type { AnyError, Place, PlanError, PlanWarning, RunError, UsageError } from './errors.js'
export type {
  Chain,
  ChainOptions,
  ForceOptions,
  LinkOptions,
  LogLevel,
  NodeState,
  RunOptions,
  TaskHandle,
  TaskRow,
  ValueOptions,
  Wanted,
  WantedOf,
} from './runtime/chain/chain-types.js'
export type { Listener, RunEvent, RunReport } from './runtime/ports/events.js'
export type { MemoryUse } from './runtime/session/kept-values.js'
export type { StoredDependent } from './runtime/chain/stored-dependents-types.js'
export type { BlessOptions } from './runtime/code-drift/bless.js'
export type { Drifted } from './runtime/ports/drifted.js'
export type { Trouble, Why } from './runtime/chain/why-types.js'
export type { Plan, PlanNode } from './plan/plan-types.js'
export { openChain, openChains, type ChainRequest, type OpenOptions } from './open-chain.js'
export { planConfig, type PlanOptions } from './planner/plan-config.js'
export type { ChainSet } from './runtime/chain/chain-set.js'
export { openSweep, sweep, type MetricValues, type SweepOptions, type SweepSet, type SweptParams } from './sweep.js'
export type {
  Cell,
  Sweep,
  SweepChain,
  SweepNode,
  SweepPreview,
  SweepResult,
  SweepRow,
} from './runtime/chain/sweep-types.js'
export type { Combination, SweepZip } from './plan/sweep/combinations.js'
export { parseDocument, documentOf } from './config/document.js'
export { resolveConfigs } from './plan/resolve-for.js'
export type {
  ConfigDocument,
  ConfigPart,
  ConfigValue,
  ContextSpec,
  Documents,
  Located,
  ResolvedConfig,
  ResolvedConfigs,
  ResolvedValue,
  ResolveOptions,
  TaskPattern,
} from './config/config-types.js'
export { fileSource, loadDocuments } from './adapters/project/config-files.js'
export { gitSource, type GitSource } from './adapters/project/git-source.js'
export { plan } from './plan/plan-documents.js'
export { planChain, type Surroundings } from './plan/plan.js'
export { schemaOf, type SchemaOptions } from './plan/inspect/config-schema.js'
export { filesWanted } from './plan/params/files-wanted.js'
export type { FileDigest, FileDigests } from './plan/params/param-files.js'
export { gatherDigests, type DigestOptions } from './adapters/project/file-digests.js'
export { diffPlans, samePlan } from './plan/inspect/diff-plans.js'
export { candidatesIn } from './plan/inspect/candidates.js'
export type { Candidate, Candidates } from './plan/inspect/candidates.js'
export type { Difference } from './plan/inspect/differences.js'
export type { Cause, Reason } from './plan/inspect/root-causes.js'
export { why, whyBetween } from './plan/inspect/why.js'
export type { Comparison } from './plan/inspect/why.js'
export { diffChains } from './plan/inspect/diff-chains.js'
export type { ChainDiff, ParamDiff, RootDiff } from './plan/inspect/diff-chains.js'
export { toDot, toMermaid } from './plan/inspect/draw.js'
export { ancestors, descendants } from './plan/plan-graph.js'
export { planFromJson, planToJson } from './plan/inspect/plan-json.js'
export { printPlan } from './plan/inspect/print-plan.js'
export type { BoundInput, Origin } from './plan/plan-types.js'
export { explain, explainAll, explainText, type Explanation } from './explain.js'
export { fileStore } from './adapters/file-store/file-store.js'
export type { Address, Listing, Miss, Saved, StoredArtifact, StoredNames } from './runtime/ports/artifact.js'
export type { Clock } from './runtime/ports/clock.js'
export type { Lease, LeaseHolder } from './runtime/ports/lease.js'
export type { Log, LogLine, LogSink } from './runtime/ports/log.js'
export type { Staging, Store, StoreOpening } from './runtime/ports/store.js'
export type { Executor, Job } from './runtime/ports/executor.js'
export type { NodeCalls, NodeJob, NodeOutcome } from './runtime/ports/node-job.js'
export type { ArtifactFacts, Blessing } from './runtime/ports/facts.js'
export type { ConfigSource } from './runtime/ports/config-source.js'
export type { RunInfo, InputInfo } from './runtime/run-info/run-info-types.js'
