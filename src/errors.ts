import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'

/** Every failure as a tagged value: fields, not prose. `explain` (explain.ts) turns them into sentences. */

/** A place in a config. Line and column count from 1; they are 0 if the config was given as an object. */
export interface Place {
  /** The config's file as the project sees it (relative to its root), or the name given to an object. */
  readonly origin: string
  readonly line: number
  readonly column: number
}

/** A placeholder in a path that is not a global of the project. */
export interface Unfilled {
  readonly placeholder: string
  readonly near: readonly string[]
}

/** Errors in configs, contexts, declarations and their wiring; found before anything runs. */
export type PlanError =
  | {
      readonly _tag: 'ConfigNotFound'
      readonly origin: string
      readonly place: Place | undefined
      readonly near: readonly string[]
      readonly written?: string
      readonly unfilled?: Unfilled
    }
  | {
      readonly _tag: 'ConfigUnreadable'
      readonly origin: string
      readonly place: Place | undefined
      readonly reason: string
    }
  | { readonly _tag: 'YamlSyntax'; readonly place: Place; readonly reason: string }
  | { readonly _tag: 'DuplicateKey'; readonly place: Place; readonly key: string; readonly first: Place }
  | { readonly _tag: 'NumberTooLarge'; readonly place: Place; readonly text: string }
  | { readonly _tag: 'TooLarge'; readonly place: Place; readonly what: string; readonly limit: string }
  | {
      readonly _tag: 'BadStructure'
      readonly place: Place
      readonly key: string
      readonly expected: string
      readonly actual: string
    }
  | {
      readonly _tag: 'UnknownPart'
      readonly place: Place | undefined
      readonly origin: string
      readonly part: string
      readonly known: readonly string[]
    }
  | { readonly _tag: 'NoMainPart'; readonly place: Place; readonly parts: readonly string[] }
  | { readonly _tag: 'SeveralMainParts'; readonly place: Place; readonly parts: readonly string[] }
  | { readonly _tag: 'UsesCycle'; readonly place: Place; readonly path: readonly string[] }
  | { readonly _tag: 'ContextStructure'; readonly place: Place; readonly key: string }
  | { readonly _tag: 'UnsafeName'; readonly place: Place | undefined; readonly what: string; readonly name: string }
  | { readonly _tag: 'InvalidGlobal'; readonly name: string; readonly actual: string }
  | { readonly _tag: 'UnknownPath'; readonly place: Place; readonly path: string; readonly reason: string }
  | {
      readonly _tag: 'UnknownTasks'
      readonly place: Place
      readonly pattern: string
      readonly near: readonly string[]
      readonly reason?: string
    }
  | {
      readonly _tag: 'DuplicateTask'
      readonly place: Place
      readonly node: string
      readonly first: Place
      readonly key: string
      readonly firstKey: string
    }
  | { readonly _tag: 'NameClash'; readonly name: string; readonly exports: readonly string[] }
  | { readonly _tag: 'SameTaskTwice'; readonly names: readonly string[] }
  | { readonly _tag: 'SimilarNames'; readonly names: readonly string[] }
  | { readonly _tag: 'InvalidDeclaration'; readonly task: string; readonly problem: string; readonly hint: string }
  | {
      readonly _tag: 'MissingParam'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly nameInConfig: string
      readonly near: readonly string[]
      readonly elsewhere: readonly Place[]
      readonly emptyValue: boolean
      readonly secret?: boolean
    }
  | {
      readonly _tag: 'InvalidParam'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly path: string
      readonly problem: string
      readonly overriddenBy: Place | undefined
    }
  | {
      readonly _tag: 'UnknownClass'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly className: string
      readonly near: readonly string[]
      readonly known: readonly string[]
    }
  | {
      readonly _tag: 'WrongClassArguments'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly path: string
      readonly className?: string
      readonly argument?: string
      readonly problem: string
    }
  | {
      readonly _tag: 'UnencodableParam'
      readonly place: Place | undefined
      readonly node: string
      readonly param: string
      readonly problem: string
    }
  | {
      readonly _tag: 'FileUnreadable'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly path: string
      readonly kind?: 'folder' | 'glob'
      readonly problem: string
      readonly near: readonly string[]
      readonly unfilled?: Unfilled
    }
  | {
      readonly _tag: 'InputNotExported'
      readonly node: string
      readonly role: string
      readonly place: Place | undefined
      readonly inTest?: boolean
    }
  | {
      readonly _tag: 'PathOfMemory'
      readonly place: Place
      readonly node: string
      readonly role: string
      readonly input: string
    }
  | {
      readonly _tag: 'MissingInput'
      readonly place: Place
      readonly node: string
      readonly role: string
      readonly wanted: string
      readonly near: readonly string[]
      readonly elsewhere: readonly string[]
    }
  | {
      readonly _tag: 'AmbiguousInput'
      readonly place: Place
      readonly node: string
      readonly role: string
      readonly wanted: string
      readonly matches: readonly string[]
    }
  | { readonly _tag: 'TaskCycle'; readonly path: readonly string[] }
  | {
      readonly _tag: 'NothingToPlan'
      readonly place: Place
      /** A value of the config whose name is almost `tasks` or `uses`, and which of them. */
      readonly near?: { readonly name: string; readonly key: string }
    }
  | {
      readonly _tag: 'UnreadValue'
      readonly place: Place
      readonly of: 'set' | 'config' | 'context'
      readonly name: string
      readonly near: readonly string[]
      readonly elsewhere: readonly string[]
    }

/** Suspicious things that do not prevent a run. */
export type PlanWarning =
  | {
      readonly _tag: 'UnusedValue'
      readonly place: Place
      readonly name: string
      readonly near: readonly string[]
      readonly elsewhere: readonly string[]
    }
  | {
      readonly _tag: 'UnusedContextValue'
      readonly place: Place
      readonly name: string
      readonly near: readonly string[]
    }
  | {
      readonly _tag: 'UnknownNamespace'
      readonly place: Place
      readonly namespace: string
      readonly near: readonly string[]
    }
  | {
      readonly _tag: 'NearPlaceholder'
      readonly place: Place
      readonly placeholder: string
      readonly near: readonly string[]
    }
  | {
      readonly _tag: 'OldYaml'
      readonly place: Place
      readonly text: string
      readonly readAs: string
      readonly formerly: string
    }
  | { readonly _tag: 'YamlWarning'; readonly place: Place; readonly reason: string }
  /** Only running the node needs the variable; everything else works without it. */
  | {
      readonly _tag: 'MissingVariable'
      readonly place: Place
      readonly node: string
      readonly param: string
      readonly variable: string
      readonly empty: boolean
      readonly near: readonly string[]
    }
  | {
      readonly _tag: 'NoMatch'
      readonly place: Place
      readonly node: string
      readonly role: string
      readonly pattern: string
    }
  | {
      readonly _tag: 'PlainClass'
      readonly place: Place
      readonly param: string
      readonly className: string
      readonly registered: boolean
    }
  | { readonly _tag: 'IgnoredBesideParts'; readonly place: Place; readonly name: string }
  | {
      readonly _tag: 'SpelledArgument'
      readonly place: Place
      readonly className: string
      readonly written: string
      readonly expected: string
    }

const beside = new WeakMap<readonly PlanError[], readonly PlanWarning[]>()

/** The same errors, with the warnings found along with them. */
export const withWarnings = <Errors extends readonly PlanError[]>(
  errors: Errors,
  warnings: readonly PlanWarning[],
): Errors => {
  if (warnings.length > 0) beside.set(errors, warnings)
  return errors
}

/**
 * Warnings that planning found in configs that it refused: often a clue to the error. Empty for errors from other
 * sources.
 *
 * @example if (E.isLeft(planned)) console.log(explainAll([...planned.left, ...warningsBeside(planned.left)]))
 */
export const warningsBeside = (errors: readonly AnyError[]): readonly PlanWarning[] =>
  beside.get(errors as readonly PlanError[]) ?? [] // other errors are not in the map

/** Errors and their warnings, changed by the same function. */
export const bothChanged = <Errors extends readonly PlanError[]>(errors: Errors, change: <A>(value: A) => A): Errors =>
  withWarnings(change(errors), change(warningsBeside(errors)))

/** Errors while running. `node` is a full name. */
export type RunError =
  | {
      readonly _tag: 'TaskFailed'
      readonly node: string
      readonly attempts: number
      readonly cause: unknown
      readonly log: string | undefined
    }
  | {
      readonly _tag: 'TimedOut'
      readonly node: string
      readonly milliseconds: number
      readonly attempts: number
      readonly log: string | undefined
    }
  | {
      readonly _tag: 'StillRunning'
      readonly node: string
      readonly attempts: number
      readonly log: string | undefined
    }
  | {
      readonly _tag: 'WrongResult'
      readonly node: string
      readonly path: string
      readonly problem: string
      readonly hint: string | undefined
    }
  | {
      readonly _tag: 'WrongInput'
      readonly node: string
      readonly role: string
      readonly from: string
      readonly problem: string
    }
  | { readonly _tag: 'InputChanged'; readonly node: string; readonly role: string; readonly from: string }
  | { readonly _tag: 'FileChanged'; readonly node: string; readonly path: string; readonly problem: string }
  | {
      readonly _tag: 'SecretNotSet'
      readonly node: string
      readonly param: string
      readonly variable: string
      readonly empty: boolean
      readonly place: Place | undefined
      readonly near: readonly string[]
    }
  | { readonly _tag: 'ObjectNotMade'; readonly node: string; readonly param: string; readonly problem: string }
  | { readonly _tag: 'NotComputed'; readonly node: string; readonly problem: string }
  | { readonly _tag: 'ArtifactUnreadable'; readonly node: string; readonly path: string; readonly cause: unknown }
  | { readonly _tag: 'ArtifactNotSaved'; readonly node: string; readonly path: string; readonly cause: unknown }
  | { readonly _tag: 'StoreUnusable'; readonly location: string; readonly cause: unknown }
  | {
      readonly _tag: 'UnfinishedInput'
      readonly node: string
      readonly because: readonly string[]
      readonly reason: string
    }
  | { readonly _tag: 'Stopped'; readonly node: string; readonly reason: string }
  | { readonly _tag: 'NotInChain'; readonly name: string; readonly near: readonly string[] }
  | { readonly _tag: 'AmbiguousName'; readonly name: string; readonly matches: readonly string[] }
  | { readonly _tag: 'NotInPlanProject'; readonly node: string }

/** Errors before there is anything to plan: in the project or on the command line. */
export type UsageError =
  | { readonly _tag: 'ProjectNotFound'; readonly lookedIn: string; readonly file: string | undefined }
  | {
      readonly _tag: 'ProjectNotLoaded'
      readonly file: string
      readonly cause: unknown
      /** A name that was imported from an entry point of the library that does not export it, and those that do. */
      readonly misplaced?: { readonly name: string; readonly exportedBy: readonly string[] }
    }
  | { readonly _tag: 'NotAProject'; readonly file: string }
  | { readonly _tag: 'BadOption'; readonly option: string; readonly problem: string }
  | { readonly _tag: 'SystemRefused'; readonly problem: string }
  | { readonly _tag: 'GitNotFound' }
  | { readonly _tag: 'NotInGit'; readonly folder: string; readonly problem: string }
  | { readonly _tag: 'UnknownRevision'; readonly revision: string; readonly near: readonly string[] }
  | { readonly _tag: 'GitFailed'; readonly revision: string; readonly problem: string }

/** Any tagged error of the library; `explain` turns one into a sentence. */
export type AnyError = PlanError | RunError | UsageError

/**
 * What the Promise-based API rejects with: the same tagged errors, with their sentences as the message.
 *
 * @example
 * try {
 *   await openChain(project, { config: { tasks: 'moveis.*' } })
 * } catch (cause) {
 *   if (cause instanceof TaskchainError) console.log(cause.message, cause.errors.map(explain))
 * }
 */
export class TaskchainError extends Error {
  override readonly name = 'TaskchainError'
  readonly errors: NonEmptyArray<AnyError>
  /** Warnings that planning found along with the errors. */
  readonly warnings: readonly PlanWarning[]
  constructor(errors: NonEmptyArray<AnyError>, message: string) {
    const cause = errors
      .map((error) => ('cause' in error ? error.cause : undefined))
      .find((found) => found !== undefined)
    super(message, cause === undefined ? undefined : { cause })
    this.errors = errors
    this.warnings = warningsBeside(errors)
  }
}
