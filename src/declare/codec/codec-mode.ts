import type { Context } from 'io-ts'
import type { FileKind } from '../../base/file-requests.js'
import type { ObjectContext, ObjectRegistry } from '../object-types.js'

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * How our own codecs (objects, files) behave while a value is decoded or encoded: io-ts codecs take no context, so it
 * holds for all decoding and encoding in one synchronous call. `encode` of io-ts has one parameter, the value, and
 * codecs of users call those of ours as they like: there is nothing that a mode could be passed along with.
 */
export interface Mode {
  readonly registry: ObjectRegistry
  /** Makes instances; without it, decoding gives `ObjectCall`s. */
  readonly context: ObjectContext | undefined
  /** Leaves out the arguments that are not in the key. */
  readonly forKey: boolean
  /** While planning: the digest of a file, folder or pattern as written; null where it was not read. */
  readonly digestOf: ((path: string, kind?: FileKind) => string | null) | undefined
  /** Just before `run`: fills placeholders in, in defaults that no plan holds. */
  readonly expand: ((value: unknown) => unknown) | undefined
  /** Just before `run`: an absolute path. */
  readonly resolvePath: ((path: string) => string) | undefined
  /** Just before `run`: the files that a pattern fits, absolute and sorted. */
  readonly filesOf: ((pattern: string) => readonly string[]) | undefined
  /** Just before `run`: called with the request of every digest, paths resolved, and what the plan has for it. */
  readonly fileMet: ((request: string, sha256: string) => void) | undefined
  /**
   * While a declared default is encoded: its secret arguments are marked as the default's, for plans, or shown, to make
   * the object of; else only that they are there is said.
   */
  readonly secretsOfDefault: 'marked' | 'shown' | undefined
  /** Where references to secrets are looked up; undefined: not now. */
  readonly environment: Environment | undefined
  /**
   * While planning: called with variables that a secret refers to and that are not set. Without it that is an error.
   */
  readonly variableUnset: ((variable: string) => void) | undefined
  /** Called with every value of a secret that is met, as the config or the environment gives it. */
  readonly secretMet: ((value: unknown) => void) | undefined
  /** Called with every argument of an object that is not written as configs write it. */
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

const noMode: Mode = {
  registry: new Map(),
  context: undefined,
  forKey: false,
  digestOf: undefined,
  expand: undefined,
  resolvePath: undefined,
  filesOf: undefined,
  fileMet: undefined,
  secretsOfDefault: undefined,
  environment: undefined,
  variableUnset: undefined,
  secretMet: undefined,
  spelled: undefined,
}

let current = noMode

/** The mode just now, of this copy of the library. */
export const currentMode = (): Mode => current

/**
 * Sets a mode for all decoding and encoding by this copy of the library in a synchronous piece of work; what it does
 * not say stays as it was.
 */
export const inMode = <A>(mode: Partial<Mode>, work: () => A): A => {
  const before = current
  current = { ...before, ...mode }
  try {
    return work()
  } finally {
    current = before
  }
}

type InMode = typeof inMode

const ownMode: unique symbol = Symbol.for('taskchain.inMode')

/**
 * Part of every declaration: codecs read the mode of the copy of the library that they were made by, and a global
 * command and a project's own copy are two.
 */
export const madeHere: { readonly [ownMode]: InMode } = { [ownMode]: inMode }

const isMadeByCopy = (declared: object): declared is typeof madeHere =>
  ownMode in declared && typeof declared[ownMode] === 'function'

const modes = new WeakMap<ObjectRegistry, readonly InMode[]>()

/** Remembers the copies of the library that declarations of a project come from, by its classes. */
export const rememberCopies = (registry: ObjectRegistry, declarations: Iterable<object>): void => {
  const copies = new Set([inMode])
  for (const declared of declarations) if (isMadeByCopy(declared)) copies.add(declared[ownMode])
  modes.set(registry, [...copies])
}

/** Sets a mode in all copies of the library that declarations of a project come from. */
export const inAllModes = <A>(mode: Partial<Mode> & Pick<Mode, 'registry'>, work: () => A): A =>
  (modes.get(mode.registry) ?? [inMode]).reduce<() => A>((inner, set) => () => set(mode, inner), work)()
