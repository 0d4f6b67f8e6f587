/**
 * The vocabulary for nodes, in three parts: the state of a node before anything is done, how one production of it ends,
 * and its result. Every layer, event, report and page uses these; some use only a part of them.
 */

/** The state of a node, according to the store, memory and plan; nothing has been opened or run. */
export type Standing =
  /** Stored, whole by name and size, and of the present code: it is not computed. */
  | 'cached'
  /** It has to be computed before it can be used. */
  | 'to_run'
  /** Stored, but computed from other contents than the current ones, or due for refresh: it is computed again. */
  | 'stale'
  /** Only kept in memory: computed where it is read. */
  | 'in_memory'
  /** To run: an earlier run has stopped half way, and the next one resumes it. */
  | 'unfinished'
  /** To run, but only after an unfinished input. */
  | 'waiting'
  /** A run already has its value in memory. */
  | 'ready'
  /** The store has something under its name, which has to be opened to know whether it is valid. */
  | 'doubtful'
  /** The store has an artifact, but whether it is valid is known only when the node's inputs have ended. */
  | 'undecided'

/** States of nodes for people, before a run: `plan`, `states`, pages. */
export type NodeState = Extract<
  Standing,
  'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'
>

/** States of nodes for a run that looks them up. */
export type SeenStanding = Exclude<Standing, 'stale' | 'in_memory' | 'unfinished' | 'waiting'>

/** How one production of a node ends: attempts, facts of the scheduler, events and lists of reports. */
export type Ending =
  /** Its task has run, and the result is committed, or kept in memory. */
  | 'computed'
  /** The store had an artifact that was computed from equal contents, whose data it got. */
  | 'adopted'
  /** Its value was read from the store, or taken from another run of this process. */
  | 'loaded'
  /** The stored artifact could not be used: it is computed. */
  | 'missed'
  /** One of its inputs was found damaged meanwhile: nothing was committed, it is computed again. */
  | 'damaged'
  | Extract<Result, 'kept' | 'failed' | 'unfinished' | 'stopped'>

/** A tagged union whose tags are words of one vocabulary; the compiler refuses others. */
export type InWords<Word extends string, Value extends { readonly _tag: Word }> = Value

/** The result of a node, for everything that waits for it. */
export type Result =
  /** It has a value for its readers: it was computed or loaded, or was ready. */
  | 'value'
  /** It is stored, which was enough: it was cached, or computed elsewhere. */
  | 'kept'
  /** Its task, its format or the store has failed. */
  | 'failed'
  /** Its task has reported that it is not done yet. */
  | 'unfinished'
  /** It was not run, since one of its inputs has no value. */
  | 'skipped'
  /** It was not run, or not completed, since the run was stopped. */
  | 'stopped'
