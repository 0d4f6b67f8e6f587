/** Type equality that tells `any`, `readonly` and optional apart. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Does not compile unless given `true`. */
export type Expect<T extends true> = T
