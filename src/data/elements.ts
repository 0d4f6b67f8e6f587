/** Copies elements of one kind, numbers or bigints: that both sides hold the same kind is known where it is called. */
export const copyElements = (
  target: { set(values: never, at: number): void },
  values: ArrayLike<unknown>,
  at: number,
): void => target.set(values as never, at)
