import type { Needs } from '../../base/resource-lines.js'
import type { Ending, InWords, Result, SeenStanding } from '../ports/node-words.js'

/**
 * The words of the scheduler: facts go in, orders come out. Both are plain data, so that a run in this process, on
 * threads, over a queue or on a virtual clock is one interpreter each of the same orders.
 *
 * Two kinds of integers name things. A *node* is a position in the work graph. A *unit* is one making of a node in this
 * run: a node whose value was dropped and is asked for again, or whose artifact was found damaged, gets a new unit.
 */

/** What readers need: `value`, or `kept` where it is enough that the store has it. */
export type Want = 'value' | 'kept'

/**
 * The graph that a run works on: told from plans alone, and asked only for nodes that have to be computed. A node's
 * answers never change.
 */
export interface WorkGraph {
  /** What a node needs before it can be computed, in the order of its roles. */
  readonly inputs: (node: number) => readonly number[]
  /** What an undecided node waits for; by default its inputs. Asked for once it was found. */
  readonly awaits?: (node: number) => readonly number[]
  /** What it wants of the one at this position among them. */
  readonly wants: (node: number, at: number) => Want
  /** Resources that it takes while it is computed. By default none. */
  readonly needs?: (node: number) => Needs
  /** How many seconds it took before; undefined where nobody knows. Asked for once it is to be computed. */
  readonly seconds?: (node: number) => number | undefined
}

/** What an interpreter reports to the scheduler. */
export type Fact =
  /** Asked for from outside; answered by one `answer` a target, in any order. */
  | { readonly _tag: 'wanted'; readonly targets: readonly { readonly node: number; readonly want: Want }[] }
  /**
   * What looks found; answers `look` and `decide`, for one unit or many. `content` is opaque: what is there, by
   * content.
   */
  | {
      readonly _tag: 'found'
      readonly units: readonly { readonly unit: number; readonly standing: SeenStanding; readonly content?: unknown }[]
    }
  | EndFact
  /** The damage is known to the store; inputs can be asked for anew. */
  | { readonly _tag: 'repaired'; readonly unit: number }
  /**
   * A running unit waits for a lease, a delay or another run: its slot is free. Answered by `resume` once it `wakes`.
   */
  | { readonly _tag: 'waits'; readonly unit: number; readonly token: number }
  /** The lease is gained, the retry due. */
  | { readonly _tag: 'wakes'; readonly unit: number; readonly token: number }
  /** A running unit asks for the value of a node; answered by `lend` or `refuse`. */
  | { readonly _tag: 'asked'; readonly unit: number; readonly token: number; readonly node: number }
  /**
   * What a unit asked for would wait for it for ever, along ways that the scheduler does not see. Answered by `refuse`.
   */
  | { readonly _tag: 'cyclic'; readonly unit: number; readonly token: number }
  /** Nothing new may start. */
  | { readonly _tag: 'stop' }

/** What the making of a unit came to; `kept` is said as what was computed elsewhere. */
export type EndFact = InWords<
  Exclude<Ending, 'kept'>,
  /** The value was read from the store, or somebody else in this process has just made it. */
  | { readonly _tag: 'loaded'; readonly unit: number }
  /** What was to be loaded turned out not to be usable: damaged, refused, or gone. */
  | { readonly _tag: 'missed'; readonly unit: number }
  /** `value`: it is at hand. `kept`: it was computed elsewhere, only the store has it. */
  | { readonly _tag: 'computed'; readonly unit: number; readonly as: Want; readonly content?: unknown }
  | { readonly _tag: 'failed'; readonly unit: number }
  | { readonly _tag: 'unfinished'; readonly unit: number }
  /** It stopped since the run was told to. */
  | { readonly _tag: 'stopped'; readonly unit: number }
  /**
   * Damage was found in what it has read, after or while it ran: nothing was kept. `artifacts`: nodes whose artifacts
   * are damaged;
   * `holders`: units whose values came through them.
   */
  | {
      readonly _tag: 'damaged'
      readonly unit: number
      readonly artifacts: readonly number[]
      readonly holders: readonly number[]
    }
>

/** What an interpreter is told to do. */
export type Order =
  /** Find out how units stand; each is answered by `found`. */
  | { readonly _tag: 'look'; readonly units: readonly number[] }
  /** The first batch was looked at: what this run is about to do. Nothing starts before this is said. */
  | {
      readonly _tag: 'planned'
      readonly compute: readonly number[]
      readonly load: readonly number[]
      readonly kept: readonly number[]
    }
  /** The unit is part of the run from now on, in this standing. */
  | { readonly _tag: 'begin'; readonly unit: number; readonly standing: SeenStanding; readonly want: Want }
  /** Everything above an undecided unit has ended: look again. Answered by `found`, never `undecided`. */
  | { readonly _tag: 'decide'; readonly unit: number }
  /** Answered by `loaded`, `missed`, `failed` or `stopped`. */
  | { readonly _tag: 'load'; readonly unit: number }
  /**
   * Answered by `computed`, `loaded`, `damaged`, `failed`, `unfinished` or `stopped`. `inputs`: units, in the order of
   * the graph.
   */
  | { readonly _tag: 'compute'; readonly unit: number; readonly inputs: readonly number[] }
  /** Make damage known; answered by `repaired`. */
  | { readonly _tag: 'repair'; readonly unit: number }
  /** The artifact of a node was found damaged, or was gone, once too often for this unit, which has failed. */
  | { readonly _tag: 'give up'; readonly unit: number; readonly artifact: number }
  /** The unit could start, but for resources that others have. Said once. */
  | { readonly _tag: 'short'; readonly unit: number; readonly of: readonly string[] }
  /** The unit that waited has a slot again. */
  | { readonly _tag: 'resume'; readonly unit: number; readonly token: number }
  /** What a unit asked for has ended; `from` has the value, or the reason why there is none. */
  | { readonly _tag: 'lend'; readonly unit: number; readonly token: number; readonly from: number }
  /**
   * What a unit asked for waits for that unit itself, along these units. None: it was told by `cyclic`, or the unit has
   * ended long since.
   */
  | { readonly _tag: 'refuse'; readonly unit: number; readonly token: number; readonly path: readonly number[] }
  /** Nobody reads the value any more. */
  | { readonly _tag: 'release'; readonly unit: number }
  /** Not run: `because` of inputs without a value, or, where there are none, since the run was stopped. */
  | { readonly _tag: 'skip'; readonly unit: number; readonly because: readonly number[] }
  /** What became of a target, in the counting of the `wanted` facts. Its value is dropped right after. */
  | { readonly _tag: 'answer'; readonly target: number; readonly unit: number; readonly result: Result }
  /** The first failure of a run that is to stop at one: whatever runs is to be stopped. */
  | { readonly _tag: 'halt' }
  /** Nothing is left to do. */
  | { readonly _tag: 'finish' }

/** Which of the units that are ready runs first: the higher number; then the one that was ready first. */
export type Priority = (unit: { readonly node: number; readonly depth: number }) => number

/**
 * Deeper first: what was begun is brought to its end before something new is begun, so that few values are held at
 * once.
 */
export const deepestFirst: Priority = ({ depth }) => depth
