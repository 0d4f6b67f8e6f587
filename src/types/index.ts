/**
 * `taskchain/types`: types used in the signatures of `taskchain`. Types only: the compiler refers to them in your
 * declaration files, and functions that wrap `defineTask` or `openChain` may need them.
 */
export type {
  Carried,
  ContextOf,
  Declaration,
  Extras,
  Given,
  InputHandle,
  InputHandles,
  NamedAs,
  Naming,
  OnCodeChange,
  ParamValues,
  RunContextBase,
  TaskCalled,
} from '../declare/task.js'
export type {
  DataChange,
  TaskChanges,
  TemplateBuilder,
  TemplateChanges,
  TemplateShape,
} from '../declare/derive.js'
export type {
  BatchContext,
  BatchFunction,
  BatchOptions,
  BatchProvider,
  BatchResults,
  BatchState,
  BatchStatus,
  CallSignal,
  FetchedItem,
  ItemContext,
  ItemFunction,
  ItemOutcome,
  Items,
  MapItems,
  MapItemsOptions,
  ProviderOptions,
  RateLimit,
  StreamItems,
  SubmitContext,
} from '../declare/items.js'
export type { Input, InputOf, Inputs } from '../declare/input.js'
export type { Retry } from '../declare/retry.js'
export type { Params, ParamSpec, ReservedKey, ReservedName } from '../declare/param.js'
export type { ObjectArgs, ObjectBuilder, ObjectCodec, ObjectContext } from '../declare/object.js'
export type { SharedStore, StoreMode } from '../declare/shared-store.js'
export type {
  Askable,
  AskableAnywhere,
  Lowered,
  Asked,
  Global,
  Modules,
  NamesOf,
  ProjectTask,
  Snake,
  ValueAsked,
  ValuesOf,
} from '../declare/project.js'
export type { JsonCheck, KeptAsJson } from '../declare/json/json-check.js'
export type { Unfilled } from '../errors.js'
export type { Awaitable, CompileError, Encoded, Yields } from '../declare/types.js'
export type { ForceOptions, LinkOptions, NodeState, Wanted, WantedOf } from '../runtime/chain/chain-types.js'
export type { StoredDependent } from '../runtime/chain/stored-dependents.js'
export type { Trouble, Why } from '../runtime/chain/why-node.js'
export type { BlessOptions } from '../runtime/code-drift/bless.js'
export type { FormerName } from '../declare/task.js'
export type { FormerResult } from '../runtime/engine/adoption/former-results.js'
export type { AdoptedFrom } from '../runtime/ports/facts.js'
export type { Drifted } from '../runtime/ports/drifted.js'
export type { Refreshed } from '../runtime/ports/refreshed.js'
export type { Refresh, Period } from '../declare/refresh.js'
export type { PoolName, Resources, Size, TaskResources } from '../base/resource-amounts.js'
export type { Stale } from '../runtime/ports/stale.js'
export type { MemoryUse } from '../runtime/session/kept-values.js'
export type { ChainRequest } from '../open-chain.js'
export type { MetricValues, SweepSet, SweptParams } from '../sweep.js'
export type { SweepChain, SweepNode, SweepPreview } from '../runtime/chain/sweep-chains.js'
export type { Cell, RowBase, SweepRow } from '../runtime/chain/sweep-table.js'
export type { Combination, SweepZip } from '../plan/sweep/combinations.js'
export type { Standing } from '../runtime/ports/node-words.js'
