/** Copies elements of one kind, numbers or bigints; the caller guarantees that both sides hold the same kind. */
export const copyElements = (
  target: { set(values: never, at: number): void },
  values: ArrayLike<unknown>,
  at: number,
): void => target.set(values as never, at)
