import type * as t from 'io-ts'
import type { Params } from './param.js'
import type { Encoded } from './types.js'

/** What `create` may use in addition to its arguments. */
export interface ObjectContext {
  /** The chain that the object is constructed for, resolved lazily: `chain().value('group:name')`. */
  readonly chain: () => { value(name: string): Promise<unknown> }
}

/**
 * A class of parameter objects: the name that configs use, arguments with codecs, and how an instance is constructed.
 */
export interface ObjectDefinition<out Instance = unknown, in Args = never> {
  readonly _tag: 'ObjectDefinition'
  readonly className: string
  readonly args: Params
  /** Codec of arguments that `args` does not declare; undefined if none are allowed. */
  readonly rest?: t.Type<any, any> | undefined
  readonly create: (args: Args, context: ObjectContext) => Instance
  /**
   * A placeholder for an instance with these arguments, for example as a param's default. Constructed just before
   * `run`.
   */
  readonly of: (args: Partial<Args>) => Instance
}

/** Classes by the name that configs use. */
export type ObjectRegistry = ReadonlyMap<string, ObjectDefinition>

/** The type of `object`: gives a codec for one of the listed classes. */
export interface ObjectCodec {
  /** Instances of one type: of the given classes, or of any registered class. */
  <Instance>(...classes: readonly ObjectDefinition<Instance, any>[]): t.Type<Instance, Encoded>
  /** Instances of several types. */
  <Definitions extends readonly ObjectDefinition<any, any>[]>(
    ...classes: Definitions
  ): t.Type<ReturnType<Definitions[number]['create']>, Encoded>
}
