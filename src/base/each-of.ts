import { valueIn } from './present.js'

/** A few at the same time; the first error stops it after those in progress. */
export const eachOf = async <A>(
  items: readonly A[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: A) => Promise<void>,
): Promise<void> => {
  const left = items[Symbol.iterator]()
  const failures: { readonly error: unknown }[] = []
  const worker = async (): Promise<void> => {
    for (const item of left) {
      if (signal.aborted || failures.length > 0) return
      await work(item).catch((error: unknown) => void failures.push({ error }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures[0] !== undefined) throw failures[0].error
}

/** Results of work on every item, a few at a time, in the order of the items. */
export const resultsOf = async <A, B>(
  items: readonly A[],
  atOnce: number,
  work: (item: A) => Promise<B>,
): Promise<readonly B[]> => {
  const results = new Map<number, B>()
  await eachOf([...items.entries()], atOnce, never, async ([at, item]) => void results.set(at, await work(item)))
  return items.map((_, at) => valueIn(results, at))
}

const never = new AbortController().signal
