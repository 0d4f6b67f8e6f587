import type { CompileError } from '../types.js'

/**
 * Compile-time check for types that JSON cannot give back: a message on `data`. The run-time check in json.ts finds the
 * rest.
 */

/**
 * Decided by assignability alone, which costs the compiler next to nothing; interfaces and `unknown` fall through to
 * `Lost`.
 */
type Jsonable = string | number | boolean | null | readonly Jsonable[] | { readonly [name: string]: Jsonable }

type NeverBack =
  | undefined
  | void
  | Date
  | bigint
  | symbol
  | ((...args: never) => unknown)
  | ReadonlyMap<any, any>
  | ReadonlySet<any>
  | ArrayBufferView

type Words<T> = T extends undefined | void
  ? 'undefined'
  : T extends Date
    ? 'a Date'
    : T extends bigint
      ? 'a bigint'
      : T extends symbol
        ? 'a symbol'
        : T extends (...args: never) => unknown
          ? 'a function or class instance'
          : T extends ReadonlyMap<any, any> | ReadonlySet<any> | ArrayBufferView
            ? 'a Map, Set or typed array'
            : never

type Step<Path extends string, Name> = `${Path}/${Name & (string | number)}`

/**
 * What keeps a type from coming back from JSON, as a message with its place; `never` if nothing does.
 * Looks five levels deep, so that recursive types terminate. `unknown` and `any` are left to the run-time check.
 */
type Lost<T, Path extends string = '', Left extends readonly unknown[] = [1, 1, 1, 1, 1]> = unknown extends T
  ? never
  : T extends string | number | boolean | null
    ? never
    : T extends NeverBack
      ? Path extends ''
        ? Words<T>
        : `${Words<T>} at ${Path}`
      : Left extends readonly [unknown, ...infer Less]
        ? T extends readonly unknown[]
          ? Lost<T[number], Step<Path, '*'>, Less>
          : Fields<T, Required<T>, Path, Less>
        : never

/** An optional field may be absent; a required field may not be undefined. */
type Fields<T, Whole, Path extends string, Less extends readonly unknown[]> = {
  [K in keyof Whole]: K extends keyof T
    ? Lost<{} extends Pick<T, K> ? Exclude<T[K], undefined> : T[K], Step<Path, K>, Less>
    : never
}[keyof Whole]

/** `unknown` if JSON gives `T` back; otherwise a message type that no codec satisfies. */
export type KeptAsJson<T> = [T] extends [Jsonable] ? unknown : Sentence<Lost<T>>

type Sentence<Problem> = [Problem] extends [never]
  ? unknown
  : CompileError<`JSON cannot give back ${Problem & string}; ${JsonHint}`>

type JsonHint = 'encode it in the codec (as a string, say), use null for undefined, or choose another format'

/** `KeptAsJson` of a codec's encoded form; `unknown` for formats. */
export type JsonCheck<F> = F extends { readonly _O: infer Output } ? KeptAsJson<Output> : unknown
