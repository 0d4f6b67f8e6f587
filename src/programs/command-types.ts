import type { AnyFormat, DataSpec } from '../declare/format.js'
import type { Input, Lazy } from '../declare/input.js'
import type { JsonCheck } from '../declare/json/json-check.js'
import type { Params, ReservedKey } from '../declare/param.js'
import type { OnCodeChange } from '../declare/task.js'
import type { Retry } from '../declare/retry.js'
import type { Refresh } from '../declare/refresh.js'
import type { CompileError, Yields } from '../declare/types.js'

/** An input that is written to a file of its own before the program starts, in a format that it reads. */
export interface WrittenAs<out Value> extends Yields<string> {
  readonly _tag: 'WrittenAs'
  readonly _value: Value
  readonly input: Input
  readonly format: AnyFormat
}

/** What a program may be given: paths of artifacts (`asPath`), files (`writtenAs`), or values for its arguments. */
export type ProgramInputs = Readonly<Record<string, Exclude<Input, Lazy<unknown>> | WrittenAs<unknown>>>

/** Files whose content counts in the key: scripts, lock files. Paths start from the project's root. */
export type ProgramFiles = Readonly<Record<string, string | readonly string[]>>

/** What the arguments of a program are made from. */
export interface ProgramGiven<I extends ProgramInputs, P extends Params, S extends ProgramFiles> {
  /** Paths of inputs `asPath` and `writtenAs`; values of the others. */
  readonly inputs: { readonly [K in keyof I]: I[K]['_A'] }
  /** Without secrets, since arguments are seen by everybody on the machine: those are for `env`. */
  readonly params: { readonly [K in keyof P]: P[K]['_A'] }
  /** Absolute paths. */
  readonly files: { readonly [K in keyof S]: S[K] extends string ? string : readonly string[] }
  /** Where the program is to write its result: a file that is not there yet, or a folder that is. */
  readonly output: string
}

/** Said as it is, or made of what the task is given. */
export type FromGiven<A, Given> = A | ((given: Given) => A)

/** How far a line of output says that the program is. */
export interface Progress {
  readonly done: number
  readonly total?: number
}

/** What a task that starts a program may say besides what it starts. */
export interface ProgramOptions<I extends ProgramInputs, P extends Params, S extends ProgramFiles, F extends DataSpec> {
  readonly inputs?: I
  readonly params?: P & Clashes<I, P>
  readonly files?: S & FileClashes<I, P, S>
  /** The format of what the program writes. It is checked by it, and kept as it was written. */
  readonly data: F & JsonCheck<F>
  /**
   * Variables besides the few that every program gets (`PATH`, `HOME`, `LANG`, `TZ`, `TMPDIR` and their like). The
   * only place for secrets.
   */
  readonly env?: FromGiven<Readonly<Record<string, string>>, ProgramGiven<I, P, S>>
  /** Names of variables that are handed on where they are set: `CUDA_VISIBLE_DEVICES`. */
  readonly passEnv?: readonly string[]
  /** The folder that the program starts in. Default: an empty one of its own, which is removed afterwards. */
  readonly cwd?: FromGiven<string, ProgramGiven<I, P, S>>
  /** Path of a file that the program reads as its standard input. Default: there is none. */
  readonly stdin?: FromGiven<string, ProgramGiven<I, P, S>>
  /** `data`: what it prints is the result. Default `log`: it goes to the task's log. */
  readonly stdout?: 'log' | 'data'
  /** Understands a line of output as progress. Always understood: `[taskchain] progress 3/10`. */
  readonly progress?: (line: string) => Progress | undefined
  /** Milliseconds between SIGTERM and SIGKILL where the program is to stop. Default 1500. */
  readonly killAfter?: number
  /** Part of the key: change it when another version of the program computes something else. */
  readonly version?: string | number
  readonly retry?: Retry
  /** Milliseconds after which one attempt is stopped. */
  readonly timeout?: number
  readonly onCodeChange?: OnCodeChange
  readonly refresh?: Refresh
}

/** A program, its arguments, and what comes of it. */
export interface CommandSpec<I extends ProgramInputs, P extends Params, S extends ProgramFiles, F extends DataSpec>
  extends ProgramOptions<I, P, S, F> {
  /** A name that is looked for in `PATH`, or a path. Never a line for a shell. */
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
