import type * as t from 'io-ts'
import type { Params } from './param.js'
import type { Encoded } from './types.js'

/** What `create` may use besides its arguments. */
export interface ObjectContext {
  /** The chain that the object is made for, asked lazily: `chain().value('group:name')`. */
  readonly chain: () => { value(name: string): Promise<unknown> }
}

/** A class of parameter objects: a name that configs may say, arguments with codecs, and how an instance is made. */
export interface ObjectDefinition<out Instance = unknown, in Args = never> {
  readonly _tag: 'ObjectDefinition'
  readonly className: string
  readonly args: Params
  /** Codec of arguments that `args` does not name; undefined where there may be none. */
  readonly rest?: t.Type<any, any> | undefined
  readonly create: (args: Args, context: ObjectContext) => Instance
  /** Stands for an instance with these arguments, as a param's default for example. Made into one just before `run`. */
  readonly of: (args: Partial<Args>) => Instance
}

/** Classes by the name that configs use. */
export type ObjectRegistry = ReadonlyMap<string, ObjectDefinition>

/** What `object` gives: a codec for one of the classes that it lists. */
export interface ObjectCodec {
  /** Instances of one type: of the classes given, or of any registered one. */
  <Instance>(...classes: readonly ObjectDefinition<Instance, any>[]): t.Type<Instance, Encoded>
  /** Instances of several types. */
  <Definitions extends readonly ObjectDefinition<any, any>[]>(
    ...classes: Definitions
  ): t.Type<ReturnType<Definitions[number]['create']>, Encoded>
}
