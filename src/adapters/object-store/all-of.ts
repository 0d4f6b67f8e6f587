/** Runs work on every item, a few at a time; rejects with the first error, after running work has ended. */
export const allOf = async <A>(
  items: Iterable<A>,
  atOnce: number,
  work: (item: A) => Promise<unknown>,
): Promise<void> => {
  const left = items[Symbol.iterator]()
  const rest: Iterable<A> = { [Symbol.iterator]: () => left }
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length > 0) return
      await work(item).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failures.length > 0) throw failures[0]
}
