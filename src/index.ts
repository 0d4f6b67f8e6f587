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
export { anyValue } from './declare/any-value.js'
export { defineObject, object } from './declare/object.js'
export type { ObjectArgs, ObjectBuilder, ObjectContext, ObjectDefinition } from './declare/object.js'
export { inMemory } from './declare/format.js'
export type { AnyFormat, ArtifactSource, Bytes, DataSpec, Format, Persistence, Unfinished } from './declare/format.js'
export { json } from './declare/json.js'
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
} from './runtime/chain-types.js'
export type { Listener, RunEvent, RunReport } from './runtime/events.js'
export type { MemoryUse } from './runtime/kept-values.js'
export type { StoredDependent } from './runtime/stored-dependents-types.js'
export type { BlessOptions } from './runtime/drift-bless.js'
export type { Drifted } from './runtime/drift-types.js'
export type { Trouble, Why } from './runtime/why-types.js'
export type { Plan, PlanNode } from './plan/types.js'
export {
  openChain,
  openChains,
  planConfig,
  type ChainRequest,
  type OpenOptions,
  type PlanOptions,
} from './open-chain.js'
export type { ChainSet } from './runtime/multi-chain.js'
export { openSweep, sweep, type MetricValues, type SweepOptions, type SweepSet, type SweptParams } from './sweep.js'
export type { Cell, Sweep, SweepChain, SweepNode, SweepPreview, SweepResult, SweepRow } from './runtime/sweep-types.js'
export type { Combination, SweepZip } from './plan/sweep.js'
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
} from './config/types.js'
export { fileSource, loadDocuments } from './adapters/config-files.js'
export { gitSource, type GitSource } from './adapters/git-source.js'
export { plan, planChain, type Surroundings } from './plan/plan.js'
export { schemaOf, type SchemaOptions } from './plan/schema.js'
export { filesWanted } from './plan/files-wanted.js'
export type { FileDigest, FileDigests } from './plan/param-files.js'
export { gatherDigests, type DigestOptions } from './adapters/file-digests.js'
export { diffPlans, samePlan } from './plan/diff.js'
export { candidatesIn, why, whyBetween } from './plan/why.js'
export type { Candidate, Candidates, Cause, Comparison, Difference, Reason } from './plan/why.js'
export { diffChains } from './plan/why-diff.js'
export type { ChainDiff, ParamDiff, RootDiff } from './plan/why-diff.js'
export { toDot, toMermaid } from './plan/draw.js'
export { ancestors, descendants } from './plan/graph.js'
export { planFromJson, planToJson } from './plan/json.js'
export { printPlan } from './plan/print.js'
export type { BoundInput, Origin } from './plan/types.js'
export { explain, explainAll, explainText, type Explanation } from './explain.js'
export { fileStore } from './adapters/file-store.js'
export type {
  Address,
  Clock,
  Lease,
  LeaseHolder,
  Listing,
  Log,
  LogLine,
  LogSink,
  Miss,
  Saved,
  Staging,
  Store,
  StoredArtifact,
  StoredNames,
  StoreOpening,
} from './runtime/ports.js'
export type { Executor, Job } from './runtime/executor.js'
export type { NodeCalls, NodeJob, NodeOutcome } from './runtime/node-job.js'
export type { ArtifactFacts, Blessing, ConfigSource } from './runtime/ports.js'
export type { RunInfo, InputInfo } from './runtime/run-info-types.js'
