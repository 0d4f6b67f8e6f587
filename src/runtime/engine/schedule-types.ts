import type { Needs } from '../../base/resource-lines.js'
import type { Ending, InWords, Result, SeenStanding } from '../ports/node-words.js'

/**
 * The vocabulary of the scheduler: facts go in, orders come out. Both are plain data, so that a run in this process, on
 * threads, over a queue or on a virtual clock is one interpreter each of the same orders.
 *
 * Two kinds of integers name things. A *node* is a position in the work graph. A *unit* is one production of a node in
 * this run: a node whose value was dropped and is requested again, or whose artifact was found damaged, gets a new
 * unit.
 */

/** What readers need: `value`, or `kept` if it only has to be stored. */
export type Want = 'value' | 'kept'

/**
 * The graph that a run works on: derived from plans alone, and queried only for nodes that have to be computed. A
 * node's answers never change.
 */
export interface WorkGraph {
  /** What a node needs before it can be computed, in the order of its roles. */
  readonly inputs: (node: number) => readonly number[]
  /** What an undecided node waits for; by default its inputs. Queried after it was found. */
  readonly awaits?: (node: number) => readonly number[]
  /** What the node wants of the input at this position. */
  readonly wants: (node: number, at: number) => Want
  /** Resources that it takes while it is computed. By default none. */
  readonly needs?: (node: number) => Needs
  /** How many seconds it took before; undefined if unknown. Queried once it has to be computed. */
  readonly seconds?: (node: number) => number | undefined
}

/** What an interpreter reports to the scheduler. */
export type Fact =
  /** Requested from outside; answered by one `answer` per target, in any order. */
  | { readonly _tag: 'wanted'; readonly targets: readonly { readonly node: number; readonly want: Want }[] }
  /**
   * The result of a lookup; answers `look` and `decide`, for one unit or many. `content` is opaque: the content that is
   * stored.
   */
  | {
      readonly _tag: 'found'
      readonly units: readonly { readonly unit: number; readonly standing: SeenStanding; readonly content?: unknown }[]
    }
  | EndFact
  /** The store knows of the damage; inputs can be requested again. */
  | { readonly _tag: 'repaired'; readonly unit: number }
  /**
   * A running unit waits for a lease, a delay or another run: its slot is free. Answered by `resume` once it `wakes`.
   */
  | { readonly _tag: 'waits'; readonly unit: number; readonly token: number }
  /** The lease is gained, the retry due. */
  | { readonly _tag: 'wakes'; readonly unit: number; readonly token: number }
  /** A running unit requests the value of a node; answered by `lend` or `refuse`. */
  | { readonly _tag: 'asked'; readonly unit: number; readonly token: number; readonly node: number }
  /**
   * The requested unit would wait for the requesting one for ever, along dependencies that the scheduler does not see.
   * Answered by `refuse`.
   */
  | { readonly _tag: 'cyclic'; readonly unit: number; readonly token: number }
  /** Nothing new may start. */
  | { readonly _tag: 'stop' }

/** The outcome of a unit; `kept` is reported as computed elsewhere. */
export type EndFact = InWords<
  Exclude<Ending, 'kept'>,
  /** The value was read from the store, or something else in this process has just computed it. */
  | { readonly _tag: 'loaded'; readonly unit: number }
  /** The artifact to load turned out to be unusable: damaged, refused or missing. */
  | { readonly _tag: 'missed'; readonly unit: number }
  /** `value`: it is available. `kept`: it was computed elsewhere, only the store has it. */
  | { readonly _tag: 'computed'; readonly unit: number; readonly as: Want; readonly content?: unknown }
  | { readonly _tag: 'failed'; readonly unit: number }
  | { readonly _tag: 'unfinished'; readonly unit: number }
  /** It stopped because the run was stopped. */
  | { readonly _tag: 'stopped'; readonly unit: number }
  /**
   * Damage was found in its inputs, after or while it ran: nothing was stored. `artifacts`: nodes whose artifacts are
   * damaged; `holders`: units whose values were read from them.
   */
  | {
      readonly _tag: 'damaged'
      readonly unit: number
      readonly artifacts: readonly number[]
      readonly holders: readonly number[]
    }
>

/** What an interpreter has to do. */
export type Order =
  /** Look up the state of units; each is answered by `found`. */
  | { readonly _tag: 'look'; readonly units: readonly number[] }
  /** The first batch was looked up: what this run is about to do. Nothing starts before this order. */
  | {
      readonly _tag: 'planned'
      readonly compute: readonly number[]
      readonly load: readonly number[]
      readonly kept: readonly number[]
    }
  /** The unit is part of the run from now on, in this state. */
  | { readonly _tag: 'begin'; readonly unit: number; readonly standing: SeenStanding; readonly want: Want }
  /**
   * Everything that an undecided unit depends on has ended: look it up again. Answered by `found`, never `undecided`.
   */
  | { readonly _tag: 'decide'; readonly unit: number }
  /** Answered by `loaded`, `missed`, `failed` or `stopped`. */
  | { readonly _tag: 'load'; readonly unit: number }
  /**
   * Answered by `computed`, `loaded`, `damaged`, `failed`, `unfinished` or `stopped`. `inputs`: units, in the order of
   * the graph.
   */
  | { readonly _tag: 'compute'; readonly unit: number; readonly inputs: readonly number[] }
  /** Mark the damage in the store; answered by `repaired`. */
  | { readonly _tag: 'repair'; readonly unit: number }
  /** The artifact of a node was found damaged or missing once too often for this unit, which has failed. */
  | { readonly _tag: 'give up'; readonly unit: number; readonly artifact: number }
  /** The unit could start, but other units hold the resources that it needs. Issued once. */
  | { readonly _tag: 'short'; readonly unit: number; readonly of: readonly string[] }
  /** The unit that waited has a slot again. */
  | { readonly _tag: 'resume'; readonly unit: number; readonly token: number }
  /** The requested unit has ended; `from` has the value, or the reason why there is none. */
  | { readonly _tag: 'lend'; readonly unit: number; readonly token: number; readonly from: number }
  /**
   * The requested unit waits for the requesting one, along these units. Empty: reported by `cyclic`, or the unit has
   * ended already.
   */
  | { readonly _tag: 'refuse'; readonly unit: number; readonly token: number; readonly path: readonly number[] }
  /** The value has no readers any more. */
  | { readonly _tag: 'release'; readonly unit: number }
  /** Not run: `because` of inputs without a value, or, if empty, because the run was stopped. */
  | { readonly _tag: 'skip'; readonly unit: number; readonly because: readonly number[] }
  /** The outcome of a target, numbered as in the `wanted` facts. Its value is dropped right after. */
  | { readonly _tag: 'answer'; readonly target: number; readonly unit: number; readonly result: Result }
  /** The first failure of a run that stops at the first failure: all running units have to be stopped. */
  | { readonly _tag: 'halt' }
  /** Nothing is left to do. */
  | { readonly _tag: 'finish' }

/** Which ready unit runs first: the one with the higher number; among equals, the one that was ready first. */
export type Priority = (unit: { readonly node: number; readonly depth: number }) => number

/** Deeper first: units in progress are finished before new ones begin, so that few values are held at the same time. */
export const deepestFirst: Priority = ({ depth }) => depth
