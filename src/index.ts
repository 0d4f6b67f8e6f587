/** `taskchain`: declare tasks, open a chain, run it. */
export { defineTask } from './declare/task.js'
export type { NamedTask, RunArgs, Task, TaskBuilder, TaskLog, TaskSpec } from './declare/task.js'
export { defineTemplate, derive, type Template } from './declare/derive.js'
export { asPath, from, lazy, matching, optional, ref } from './declare/input.js'
export type { AsPath, InNamespace, Lazy, Matching, Optional, Ref } from './declare/input.js'
export { param, type Param, type ParamOptions } from './declare/param.js'
export { file, folder, glob, path } from './declare/file-param.js'
export { anyValue } from './declare/codec/any-value.js'
export { defineObject, object, type ObjectDefinition } from './declare/object.js'
export { inMemory } from './declare/format.js'
export { json } from './declare/json/json.js'
export { defineProject, type Project, type ProjectOptions } from './declare/project.js'
export { openChain, openChains, type OpenOptions } from './open-chain.js'
export { planConfig, type PlanOptions } from './planner/plan-config.js'
export type {
  Chain,
  ChainOptions,
  LogLevel,
  RunOptions,
  TaskHandle,
  TaskRow,
  ValueOptions,
} from './runtime/chain/chain-types.js'
export type { ChainSet } from './runtime/chain/chain-set.js'
export type { RunReport } from './runtime/ports/events.js'
export { openSweep, sweep, type SweepOptions } from './sweep.js'
export type { Sweep } from './runtime/chain/sweep-chains.js'
export type { SweepResult } from './runtime/chain/sweep-table.js'
export { TaskchainError } from './errors.js'
export type { AnyError, Place, PlanError, PlanWarning, RunError, UsageError } from './errors.js'
export { explain, explainAll, explainText, type Explanation } from './explain.js'
// lets the compiler name every type that declarations of users' modules need
export type {} from './types/index.js'
