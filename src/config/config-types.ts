import type { Place, PlanWarning } from '../errors.js'
import type { Globals } from './globals.js'

/** What a config can hold, once read. Integer keys are strings; integers a double cannot hold were refused. */
export type ConfigValue =
  | null
  | boolean
  | number
  | string
  | readonly ConfigValue[]
  | { readonly [name: string]: ConfigValue }

/**
 * A value with the place it was read from; `parts` are the places of what is inside (map entries by key, list items by
 * index).
 */
export interface Located {
  readonly value: ConfigValue
  readonly place: Place
  readonly parts?: ReadonlyMap<string, Located>
}

/** One part of a document: a map of names to values. */
export interface ConfigPart {
  /** Empty for a file without `configs:`. */
  readonly name: string
  readonly place: Place
  readonly values: ReadonlyMap<string, Located>
  /** Texts under these reserved names, each with its place. */
  readonly tasks: readonly { readonly text: string; readonly place: Place }[]
  readonly excludedTasks: ConfigPart['tasks']
  readonly uses: ConfigPart['tasks']
}

/** One file or object, parsed: nothing expanded, nothing overridden. */
export interface ConfigDocument {
  readonly origin: string
  readonly parts: ReadonlyMap<string, ConfigPart>
  /** Part taken where none is named; undefined where there is no telling. */
  readonly mainPart: string | undefined
  readonly warnings: readonly PlanWarning[]
}

/** Documents by origin, as the loader gathered them. */
export type Documents = ReadonlyMap<string, ConfigDocument>

/** A parameter value of a resolved config: contexts applied, placeholders in both forms. */
export interface ResolvedValue {
  /** As written: with placeholders (those declared `inKey` replaced). Enters plan and key. */
  readonly unexpanded: ConfigValue
  /** With placeholders replaced; given to `run`. The same object where nothing was to replace. */
  readonly expanded: ConfigValue
  /** The value in force and where it stands: in a context where a context gives it whole, else in the config. */
  readonly located: Located
  /**
   * The place in a context that replaced or changed the config's own value; undefined where there was none, or no
   * context.
   */
  readonly overrides: Place | undefined
  /** The place of the config's own value that was replaced or changed. */
  readonly own: Place | undefined
  /** Set where the value comes from a context or `--set`. */
  readonly fromContext: boolean
}

/** A pattern of `tasks` or `excluded_tasks`. */
export interface TaskPattern {
  readonly pattern: string
  readonly place: Place
}

/** One config in one namespace, ready to be planned. */
export interface ResolvedConfig {
  /** `origin` or `origin#part`. */
  readonly id: string
  readonly origin: string
  /** Name for people and links: the path below the configs folder without extension, with `#part`. */
  readonly name: string
  readonly namespace: string
  readonly place: Place
  readonly tasks: readonly TaskPattern[]
  readonly excludedTasks: readonly TaskPattern[]
  readonly values: ReadonlyMap<string, ResolvedValue>
  readonly humanReadableName: string | undefined
  /** Ids of the configs it uses, with the namespace each has in the chain. */
  readonly uses: readonly { readonly id: string; readonly namespace: string }[]
}

/** All configs of a chain, the asked one first; with what was odd. */
export interface ResolvedConfigs {
  readonly entry: string
  readonly configs: readonly ResolvedConfig[]
  /**
   * Names that contexts give, with places: for warnings about those that no node reads. `reads`: the value's name in
   * configs, for a dotted path its head.
   */
  readonly contextValues: readonly {
    readonly name: string
    readonly reads: string
    readonly namespace: string | undefined
    readonly place: Place
  }[]
  /** Names of contexts, for run info; undefined where none was given. */
  readonly contextName: string | undefined
  readonly warnings: readonly PlanWarning[]
}

/** Where a context comes from: an origin among the documents, or values. */
export type ContextSpec = string | { readonly [name: string]: unknown }

/** What is laid over documents, and what their names are resolved with. */
export interface ResolveOptions {
  /** Contexts, later wins. Origins must be among the documents. */
  readonly contexts?: readonly ContextSpec[]
  /** Like `--set name=value`: laid over everything; dotted names change one leaf. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Values of placeholders, as in `defineProject`. */
  readonly globals?: Globals
  /** Folder of configs, relative like origins; for names of configs. */
  readonly configsFolder?: string
  /**
   * The project's root as an absolute path: what absolute paths in `uses` are made relative to. Without it they stay
   * absolute.
   */
  readonly root?: string
}
