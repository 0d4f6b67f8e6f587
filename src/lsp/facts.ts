import type { JsonSchema } from '../plan/inspect/schema-of-codec.js'
import type { Explanation } from '../explain.js'

/** What an editor needs to know about a project: plain data, sent by the process that has loaded it. */
export interface ProjectFacts {
  /** Absolute paths. */
  readonly file: string
  readonly root: string
  /** Folder of configs, relative to the root. */
  readonly configs: string
  /** Names of globals, used in placeholders. */
  readonly globals: readonly string[]
  readonly tasks: readonly TaskFact[]
  readonly params: readonly ParamFact[]
  readonly classes: readonly ClassFact[]
  readonly configSchema: JsonSchema
  readonly contextSchema: JsonSchema
  /** Absolute paths of the project's own modules, as loaded. */
  readonly modules: readonly string[]
}

/** Where a declaration is exported. */
export interface ExportedAt {
  readonly file: string
  readonly name: string
}

export interface TaskFact {
  /** `group:name` */
  readonly name: string
  readonly doc: string | undefined
  /** Names of its params in configs. */
  readonly params: readonly string[]
  readonly exported: readonly ExportedAt[]
}

/** A value that tasks read, by its name in configs. */
export interface ParamFact {
  readonly name: string
  readonly types: readonly string[]
  /** As JSON; undefined if there is no default, if it is secret, or if tasks differ. */
  readonly fallback: string | undefined
  readonly docs: readonly string[]
  readonly secret: boolean
  /** At least one task that reads it has no default. */
  readonly required: boolean
  readonly readers: readonly { readonly task: string; readonly param: string }[]
}

export interface ClassFact {
  readonly name: string
  readonly arguments: readonly ArgumentFact[]
}

export interface ArgumentFact {
  readonly declared: string
  /** In configs. */
  readonly name: string
  readonly type: string
  readonly fallback: string | undefined
  readonly doc: string | undefined
  readonly secret: boolean
}

/** An error or warning of a config, at the place where it shows. */
export interface FileProblem extends Explanation {
  readonly severity: 'error' | 'warning'
  /** The config, relative to the root; undefined: the project's declarations. */
  readonly file: string | undefined
  /** The param concerned, by its name in configs. */
  readonly param: string | undefined
}

/** The result of checking all configs of a project. */
export interface CheckFacts {
  readonly problems: readonly FileProblem[]
  readonly configs: readonly ConfigFact[]
  /** Namespaces of all chains, without the top level. */
  readonly namespaces: readonly string[]
}

/** A config, or a part of one (`origin#part`), and whether it could be planned. */
export interface ConfigFact {
  readonly config: string
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values' | 'context'
  readonly errors: number
  /** For partial ones: a config that uses it. */
  readonly usedBy: string | undefined
  /** For configs that give values to others: names, with their lines. */
  readonly gives: readonly { readonly name: string; readonly namespace?: string; readonly line: number }[]
}

/** One config compared with the store, and the readers of its values. */
export interface ConfigView {
  readonly config: string
  readonly nodes: number
  /** Undefined if the store cannot be read. */
  readonly toRun: number | undefined
  readonly reads: readonly ValueRead[]
}

/** A value of a file: the tasks of a chain that read it. */
export interface ValueRead {
  readonly origin: string
  readonly line: number
  readonly column: number
  /** Full names. */
  readonly nodes: readonly string[]
  /** The place in a context that replaces or changes it. */
  readonly overriddenAt: string | undefined
}
