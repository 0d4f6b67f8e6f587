/** Lines of one artifact's log; the file is opened at the first line. */
export interface LogSink {
  write(line: string): void
  /**
   * `kept`: becomes `<key>.log`; `failed`: `<key>.failed.log`. Resolves when all is written; with the log's path if
   * there is one.
   */
  close(outcome: 'kept' | 'failed'): Promise<string | undefined>
}

/** The log of one artifact: of a run that goes on, and those of earlier ones. */
export interface ArtifactLog extends LogSink {
  /** Text of `<key>.log`, or of `<key>.failed.log`; undefined where there is none. */
  read(which: 'kept' | 'failed'): Promise<string | undefined>
}

/** One line for a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly details?: object
  /** What the line's node was attached as. */
  readonly node: string
  /** For the artifact's log alone: the console hears of it as an event. */
  readonly fileOnly?: boolean
}

/** Where log lines go: the artifact's file gets all, the console what the level lets through. */
export interface Log {
  /** Starts routing a node's lines to its sink. */
  attach(node: string, sink: LogSink): void
  write(line: LogLine): void
  /** Ends routing; resolves when the node's lines are in its sink. */
  detach(node: string): Promise<void>
  /** From now on every text goes through `hide` last, just before it is written: secrets are hidden in it. */
  hide?(hide: (text: string) => string): void
  /** What the console shows from now on: this level and worse. A log without it shows what it was made to show. */
  setLevel?(level: LogLine['level'] | 'silent'): void
}
