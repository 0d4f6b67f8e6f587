import type { AnyFormat, DataSpec } from '../declare/format.js'
import type { Input, Lazy } from '../declare/input.js'
import type { JsonCheck } from '../declare/json/json-check.js'
import type { Params, ReservedKey } from '../declare/param.js'
import type { OnCodeChange } from '../declare/task.js'
import type { Retry } from '../declare/retry.js'
import type { Refresh } from '../declare/refresh.js'
import type { CompileError, Yields } from '../declare/types.js'

/** An input that is written to a separate file before the program starts, in a format that the program can read. */
export interface WrittenAs<out Value> extends Yields<string> {
  readonly _tag: 'WrittenAs'
  readonly _value: Value
  readonly input: Input
  readonly format: AnyFormat
}

/** Inputs of a program: paths of artifacts (`asPath`), files (`writtenAs`), or values for its arguments. */
export type ProgramInputs = Readonly<Record<string, Exclude<Input, Lazy<unknown>> | WrittenAs<unknown>>>

/** Files whose content is part of the key: scripts, lock files. Paths are relative to the project's root. */
export type ProgramFiles = Readonly<Record<string, string | readonly string[]>>

/** What the arguments of a program are made from. */
export interface ProgramGiven<I extends ProgramInputs, P extends Params, S extends ProgramFiles> {
  /** Paths of inputs given by `asPath` and `writtenAs`; values of the others. */
  readonly inputs: { readonly [K in keyof I]: I[K]['_A'] }
  /** Without secrets, since arguments are visible to all users of the machine: pass secrets through `env`. */
  readonly params: { readonly [K in keyof P]: P[K]['_A'] }
  /** Absolute paths. */
  readonly files: { readonly [K in keyof S]: S[K] extends string ? string : readonly string[] }
  /** Where the program must write its result: a file that does not exist yet, or an existing folder. */
  readonly output: string
}

/** A fixed value, or a function of what the task is given. */
export type FromGiven<A, Given> = A | ((given: Given) => A)

/** Progress of a program, as read from a line of its output. */
export interface Progress {
  readonly done: number
  readonly total?: number
}

/** Options of a task that starts a program. */
export interface ProgramOptions<I extends ProgramInputs, P extends Params, S extends ProgramFiles, F extends DataSpec> {
  readonly inputs?: I
  readonly params?: P & Clashes<I, P>
  readonly files?: S & FileClashes<I, P, S>
  /** The format of the program's output, which validates it; it is stored as the program wrote it. */
  readonly data: F & JsonCheck<F>
  /**
   * Environment variables in addition to the few that every program gets (`PATH`, `HOME`, `LANG`, `TZ`, `TMPDIR` and
   * the like). The only place for secrets.
   */
  readonly env?: FromGiven<Readonly<Record<string, string>>, ProgramGiven<I, P, S>>
  /** Names of variables that are passed on if they are set, such as `CUDA_VISIBLE_DEVICES`. */
  readonly passEnv?: readonly string[]
  /** The working folder of the program. Default: a new empty folder, which is removed afterwards. */
  readonly cwd?: FromGiven<string, ProgramGiven<I, P, S>>
  /** Path of a file that the program reads as its standard input. Default: none. */
  readonly stdin?: FromGiven<string, ProgramGiven<I, P, S>>
  /** `data`: standard output is the result. Default `log`: it goes to the task's log. */
  readonly stdout?: 'log' | 'data'
  /** Recognises progress in a line of output. `[taskchain] progress 3/10` is always recognised. */
  readonly progress?: (line: string) => Progress | undefined
  /** Milliseconds between SIGTERM and SIGKILL when the program is stopped. Default 1500. */
  readonly killAfter?: number
  /** Part of the key: change it when a new version of the program computes something else. */
  readonly version?: string | number
  readonly retry?: Retry
  /** Milliseconds after which one attempt is stopped. */
  readonly timeout?: number
  readonly onCodeChange?: OnCodeChange
  readonly refresh?: Refresh
}

/** A program, its arguments, and its output. */
export interface CommandSpec<I extends ProgramInputs, P extends Params, S extends ProgramFiles, F extends DataSpec>
  extends ProgramOptions<I, P, S, F> {
  /** A name that is looked up in `PATH`, or a path. Never a shell command line. */
  readonly program: FromGiven<string, ProgramGiven<I, P, S>>
  readonly args?: FromGiven<readonly (string | number)[], ProgramGiven<I, P, S>>
}

/** As for `defineTask`. */
type Clashes<I, P> = [keyof P & (keyof I | ReservedKey)] extends [never]
  ? unknown
  : {
      readonly [K in keyof P & string as K extends keyof I | ReservedKey ? K : never]: K extends ReservedKey
        ? CompileError<`'${K}' is reserved in configs; give this param another name`>
        : CompileError<`'${K}' is both an input and a param; rename one`>
    }

type FileClashes<I, P, S> = [keyof S & (keyof I | keyof P | ReservedKey)] extends [never]
  ? unknown
  : {
      readonly [K in keyof S & string as K extends keyof I | keyof P | ReservedKey
        ? K
        : never]: CompileError<`'${K}' is a file, and an input, a param or a reserved word as well; rename it`>
    }
