/**
 * `taskchain/plan`: the pure stages from the text of a config to a plan, and functions that inspect plans. Nothing here
 * reads a file or a clock.
 */
export { documentOf, parseDocument, type ParsedDocument } from '../config/document.js'
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
} from '../config/config-types.js'
export type { Globals } from '../config/globals.js'
export { filesWanted } from './params/files-wanted.js'
export type { FileDigest, FileDigests } from './params/param-files.js'
export type { Environment } from '../declare/codec/codec-mode.js'
export { plan, resolveConfigs, type Planned, type PlanRequest } from './plan-documents.js'
export { planChain, type Surroundings } from './plan.js'
export type { BoundInput, Origin, Plan, PlanNode } from './plan-types.js'
export { ancestors, descendants } from './plan-graph.js'
export type { InputInKey, PreImage } from './key.js'
export type { JsonSchema } from './inspect/schema-of-codec.js'
export { schemaOf, type SchemaOptions } from './inspect/config-schema.js'
export { diffPlans, samePlan } from './inspect/diff-plans.js'
export type { BeforeAndAfter, InputChange, NodeChange, ParamChange, PlanDiff } from './inspect/diff-plans.js'
export { diffChains, type ChainDiff, type ParamDiff, type RootDiff } from './inspect/diff-chains.js'
export { candidatesIn, type Candidate, type Candidates } from './inspect/candidates.js'
export type { Difference } from './inspect/differences.js'
export type { CandidatesOf, Cause, Compared, Reason } from './inspect/root-causes.js'
export { why, whyBetween, type Comparison, type WhyOptions } from './inspect/why.js'
export {
  toDot,
  toMermaid,
  type DrawnState,
  type DrawnStates,
  type DrawOptions,
} from './inspect/draw/draw.js'
export type { DrawnPart } from './inspect/draw/drawn-nodes.js'
export { planFromJson, planToJson } from './inspect/plan-json.js'
export { printPlan } from './inspect/print-plan.js'
