/**
 * The words for nodes, in three vocabularies: how a node stands before anything is done about it, what one making of it
 * came to, and what became of it. Every layer, event, report and page uses these; what says less uses some of them.
 */

/** How a node stands, by the store, by memory and by the plan; nothing has been opened or run. */
export type Standing =
  /** The store has it, whole by its name and size, and of the present code: it is not computed. */
  | 'cached'
  /** It has to be computed before anybody can have it. */
  | 'to_run'
  /** The store has it, made from other contents than those of now, or due for refresh: it is computed again. */
  | 'stale'
  /** It is kept in memory only: made where it is read. */
  | 'in_memory'
  /** To run: a run of it has stopped half way, and the next one goes on from there. */
  | 'unfinished'
  /** To run, but not before what it reads and is unfinished. */
  | 'waiting'
  /** A run has its value in memory already. */
  | 'ready'
  /** The store has something of its name, which has to be opened to know whether it holds. */
  | 'doubtful'
  /** The store has something, but whether that holds is known only when what the node reads has ended. */
  | 'undecided'

/** How nodes stand for people, before a run: `plan`, `states`, pages. */
export type NodeState = Extract<
  Standing,
  'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'
>

/** How nodes stand for a run that looks at them. */
export type SeenStanding = Exclude<Standing, 'stale' | 'in_memory' | 'unfinished' | 'waiting'>

/** What one making of a node came to: attempts, facts of the scheduler, events and lists of reports. */
export type Ending =
  /** Its task has run, and what it gave is committed, or kept in memory. */
  | 'computed'
  /** The store had an artifact that was made from equal contents: it has its data now. */
  | 'adopted'
  /** Its value was read from the store, or taken from another run of this process. */
  | 'loaded'
  /** What the store has could not be used: it is computed. */
  | 'missed'
  /** Something that it reads was found damaged meanwhile: nothing was committed, it is made again. */
  | 'damaged'
  | Extract<Result, 'kept' | 'failed' | 'unfinished' | 'stopped'>

/** A tagged union whose tags are words of one vocabulary; the compiler refuses others. */
export type InWords<Word extends string, Value extends { readonly _tag: Word }> = Value

/** What became of a node, for whoever waits for it. */
export type Result =
  /** It has a value for its readers: it was computed or loaded, or was ready. */
  | 'value'
  /** The store has it, which was enough: it was cached, or computed elsewhere. */
  | 'kept'
  /** Its task, its format or the store has failed. */
  | 'failed'
  /** Its task has said that it is not done yet. */
  | 'unfinished'
  /** It was not run, since something that it reads has no value. */
  | 'skipped'
  /** It was not run, or not to its end, since the run was stopped. */
  | 'stopped'
