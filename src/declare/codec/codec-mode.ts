import type { Context } from 'io-ts'
import type { FileKind } from '../../base/file-requests.js'
import type { ObjectContext, ObjectRegistry } from '../object-types.js'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * How our own codecs (objects, files) behave while a value is decoded or encoded. io-ts codecs take no context, so the
 * mode applies to all decoding and encoding in one synchronous call: `encode` has the value as its only parameter, and
 * custom codecs call ours freely, so there is no way to pass a mode along.
 */
export interface Mode {
  readonly registry: ObjectRegistry
  /** Constructs instances; without it, decoding gives `ObjectCall`s. */
  readonly context: ObjectContext | undefined
  /** Leaves out the arguments that are not part of the key. */
  readonly forKey: boolean
  /** While planning: the digest of a file, folder or pattern as written; null if it was not read. */
  readonly digestOf: ((path: string, kind?: FileKind) => string | null) | undefined
  /** Just before `run`: fills in placeholders in defaults that are not part of a plan. */
  readonly expand: ((value: unknown) => unknown) | undefined
  /** Just before `run`: makes a path absolute. */
  readonly resolvePath: ((path: string) => string) | undefined
  /** Just before `run`: the files that match a pattern, absolute and sorted. */
  readonly filesOf: ((pattern: string) => readonly string[]) | undefined
  /** Just before `run`: called with the request of every digest, paths resolved, and the digest in the plan. */
  readonly fileMet: ((request: string, sha256: string) => void) | undefined
  /**
   * While a declared default is encoded: its secret arguments are marked as the default's (for plans), or shown (to
   * construct the object); otherwise only their presence is recorded.
   */
  readonly secretsOfDefault: 'marked' | 'shown' | undefined
  /** Where references to secrets are looked up; undefined to leave them unread. */
  readonly environment: Environment | undefined
  /**
   * While planning: called with each unset variable that a secret refers to. Without it, an unset variable is an error.
   */
  readonly variableUnset: ((variable: string) => void) | undefined
  /** Called with every secret value found, as given by the config or the environment. */
  readonly secretMet: ((value: unknown) => void) | undefined
  /** Called with every object argument that does not use its config spelling. */
  readonly spelled: ((argument: SpelledArgument) => void) | undefined
}

/** An argument that a config spells as the code does: `maxDepth` for `max_depth`. */
export interface SpelledArgument {
  readonly className: string
  readonly written: string
  readonly expected: string
  /** Context of the object. */
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

/** The current mode in this copy of the library. */
export const currentMode = (): Mode => current

/**
 * Sets a mode for all decoding and encoding by this copy of the library in a synchronous function; options not given
 * stay as they were.
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
 * Part of every declaration: codecs read the mode of the copy of the library that made them, and a globally installed
 * command and a project's own copy are two copies.
 */
export const madeHere: { readonly [ownMode]: InMode } = { [ownMode]: inMode }

const isMadeByCopy = (declared: object): declared is typeof madeHere =>
  ownMode in declared && typeof declared[ownMode] === 'function'

const modes = new WeakMap<ObjectRegistry, readonly InMode[]>()

/** Records which copies of the library made a project's declarations, by its classes. */
export const rememberCopies = (registry: ObjectRegistry, declarations: Iterable<object>): void => {
  const copies = new Set([inMode])
  for (const declared of declarations) if (isMadeByCopy(declared)) copies.add(declared[ownMode])
  modes.set(registry, [...copies])
}

/** Sets a mode in all copies of the library that made declarations of a project. */
export const inAllModes = <A>(mode: Partial<Mode> & Pick<Mode, 'registry'>, work: () => A): A =>
  (modes.get(mode.registry) ?? [inMode]).reduce<() => A>((inner, set) => () => set(mode, inner), work)()
