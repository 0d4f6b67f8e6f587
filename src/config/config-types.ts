import type { Place, PlanWarning } from '../errors.js'
import type { Globals } from './globals.js'

/** A value of a parsed config. Integer keys are strings; integers beyond a double's precision were rejected. */
export type ConfigValue =
  | null
  | boolean
  | number
  | string
  | readonly ConfigValue[]
  | { readonly [name: string]: ConfigValue }

/**
 * A value with its source position; `parts` holds the positions of its children (map entries by key, list items by
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
  /** The part used if none is named; undefined if ambiguous. */
  readonly mainPart: string | undefined
  readonly warnings: readonly PlanWarning[]
}

/** Documents by origin, as collected by the loader. */
export type Documents = ReadonlyMap<string, ConfigDocument>

/** A parameter value of a resolved config: contexts applied, placeholders in both forms. */
export interface ResolvedValue {
  /** As written: with placeholders (those declared `inKey` replaced). Enters plan and key. */
  readonly unexpanded: ConfigValue
  /** With placeholders replaced; passed to `run`. The same object if there are none. */
  readonly expanded: ConfigValue
  /** The effective value and its place: in a context if a context replaces it entirely, else in the config. */
  readonly located: Located
  /**
   * The place in a context that replaced or changed the config's own value; undefined if the config has no value of
   * its own, or no context changes it.
   */
  readonly overrides: Place | undefined
  /** The place of the config's own value, if it was replaced or changed. */
  readonly own: Place | undefined
  /** True if the value comes from a context or `--set`. */
  readonly fromContext: boolean
}

/** A pattern of `tasks` or `excluded_tasks`. */
export interface TaskPattern {
  readonly pattern: string
  readonly place: Place
}

/** One config in one namespace, ready for planning. */
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

/** All configs of a chain, the requested one first, with warnings. */
export interface ResolvedConfigs {
  readonly entry: string
  readonly configs: readonly ResolvedConfig[]
  /**
   * Names that contexts set, with places: for warnings about those that no node reads. `reads`: the name of the config
   * value, which a dotted path may extend.
   */
  readonly contextValues: readonly {
    readonly name: string
    readonly reads: string
    readonly namespace: string | undefined
    readonly place: Place
  }[]
  /** Names of contexts, for run info; undefined without contexts. */
  readonly contextName: string | undefined
  readonly warnings: readonly PlanWarning[]
}

/** A context: the origin of a document, or values. */
export type ContextSpec = string | { readonly [name: string]: unknown }

/** Overrides for documents, and settings for resolving their names. */
export interface ResolveOptions {
  /** Contexts; later ones win. Origins must be among the documents. */
  readonly contexts?: readonly ContextSpec[]
  /** Like `--set name=value`: overrides everything else; dotted names change one leaf. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Values of placeholders, as in `defineProject`. */
  readonly globals?: Globals
  /** The configs folder, relative like origins; config names are relative to it. */
  readonly configsFolder?: string
  /**
   * The project's root as an absolute path: absolute paths in `uses` are made relative to it. Without it they stay
   * absolute.
   */
  readonly root?: string
}
