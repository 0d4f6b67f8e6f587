/** Lines of one artifact's log; the file is opened at the first line. */
export interface LogSink {
  write(line: string): void
  /**
   * `kept`: becomes `<key>.log`; `failed`: `<key>.failed.log`. Resolves when all is written, with the log's path if
   * there is one.
   */
  close(outcome: 'kept' | 'failed'): Promise<string | undefined>
}

/** The log of one artifact: of a run in progress, and those of earlier runs. */
export interface ArtifactLog extends LogSink {
  /** Text of `<key>.log`, or of `<key>.failed.log`; undefined if there is none. */
  read(which: 'kept' | 'failed'): Promise<string | undefined>
}

/** One line for a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly details?: object
  /** The id under which the line's node was attached. */
  readonly node: string
  /** Only for the artifact's log: the console gets it as an event. */
  readonly fileOnly?: boolean
}

/** Destination of log lines: the artifact's file gets all, the console those of its level. */
export interface Log {
  /** Starts routing a node's lines to its sink. */
  attach(node: string, sink: LogSink): void
  write(line: LogLine): void
  /** Ends routing; resolves when the node's lines are in its sink. */
  detach(node: string): Promise<void>
  /** From now on, every text passes through `hide` just before it is written, which hides secrets in it. */
  hide?(hide: (text: string) => string): void
  /** Sets the lowest level that the console shows from now on. A log without it keeps its initial level. */
  setLevel?(level: LogLine['level'] | 'silent'): void
}
