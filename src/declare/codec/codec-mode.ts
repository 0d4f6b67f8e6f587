import type { Context } from 'io-ts'
import type { ObjectContext, ObjectRegistry } from '../object-types.js'

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * How our own codecs (objects, files) behave while a value is decoded or encoded: io-ts codecs take no context, so it
 * is lent to them for the duration of one synchronous call.
 */
export interface Mode {
  readonly registry: ObjectRegistry
  /** Makes instances; without it, decoding gives `ObjectCall`s. */
  readonly context: ObjectContext | undefined
  /** Leaves out the arguments that are not in the key. */
  readonly forKey: boolean
  /** While planning: the digest of a file by its path as written; null where it was not read. */
  readonly digestOf: ((path: string) => string | null) | undefined
  /** Just before `run`: fills placeholders in, in defaults that no plan holds. */
  readonly expand: ((value: unknown) => unknown) | undefined
  /** Just before `run`: an absolute path. */
  readonly resolvePath: ((path: string) => string) | undefined
  /** Just before `run`: told of every file, resolved, with the digest that the plan has for it. */
  readonly fileMet: ((path: string, sha256: string) => void) | undefined
  /**
   * While a declared default is encoded: its secret arguments are marked as the default's, for plans, or shown, to make
   * the object of; else they are told to be there.
   */
  readonly secretsOfDefault: 'marked' | 'shown' | undefined
  /** Where references to secrets are looked up; undefined: not now. */
  readonly environment: Environment | undefined
  /** While planning: told of variables that a secret refers to and that are not set. Without it that is an error. */
  readonly variableUnset: ((variable: string) => void) | undefined
  /** Told of every value of a secret that is met, as the config or the environment gives it. */
  readonly secretMet: ((value: unknown) => void) | undefined
  /** Told of every argument of an object that is not written as configs write it. */
  readonly spelled: ((argument: SpelledArgument) => void) | undefined
}

/** An argument that a config calls as the code does: `maxDepth` for `max_depth`. */
export interface SpelledArgument {
  readonly className: string
  readonly written: string
  readonly expected: string
  /** Of the object. */
  readonly context: Context
}

/** One slot for all copies of the library in a process: a global command and a project's own copy are two. */
const lent: unique symbol = Symbol.for('taskchain.objectMode')
const slot = globalThis as { [lent]?: Mode | undefined }

const nothingLent: Mode = {
  registry: new Map(),
  context: undefined,
  forKey: false,
  digestOf: undefined,
  expand: undefined,
  resolvePath: undefined,
  fileMet: undefined,
  secretsOfDefault: undefined,
  environment: undefined,
  variableUnset: undefined,
  secretMet: undefined,
  spelled: undefined,
}

/** What is lent just now. */
export const current = (): Mode => slot[lent] ?? nothingLent

/** Lends a mode to all decoding and encoding in a synchronous piece of work; what it does not say stays as it was. */
export const lending = <A>(mode: Partial<Mode>, work: () => A): A => {
  const before = slot[lent]
  slot[lent] = { ...(before ?? nothingLent), ...mode }
  try {
    return work()
  } finally {
    slot[lent] = before
  }
}
