/** Small types that every declaration is made of. */

/** A value or a promise of it. */
export type Awaitable<A> = A | Promise<A>

/**
 * Anything that yields a value to `run`: a task, an input, a parameter, a codec, a format. The phantom follows io-ts.
 */
export interface Yields<out A> {
  readonly _A: A
}

/** A type that no codec, task or format has; the compiler prints it, so it is the message the author reads. */
export type CompileError<Message extends string> = Message

/** The `_A` field exists for the type checker only. */
export const phantom = undefined as never

/** The values JSON and bigint can represent: only these enter plans and keys. */
export type Encoded =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Encoded[]
  | { readonly [name: string]: Encoded }
