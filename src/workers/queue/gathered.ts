/**
 * Batches calls: requests of the same turn of the event loop are handled together. `work` returns answers in the order
 * of the requests; if it rejects, all of them do.
 */
export const gathered = <Asked, Answer>(
  work: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
): ((asked: Asked) => Promise<Answer>) => {
  interface Waiting {
    readonly asked: Asked
    readonly resolve: (answer: Answer) => void
    readonly reject: (reason: unknown) => void
  }
  let waiting: Waiting[] = []
  const doAll = (): void => {
    const some = waiting
    waiting = []
    work(some.map(({ asked }) => asked)).then(
      (answers) => {
        for (const [at, answer] of answers.entries()) some[at]?.resolve(answer)
      },
      (reason: unknown) => {
        for (const { reject } of some) reject(reason)
      },
    )
  }
  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(doAll)
      waiting.push({ asked, resolve, reject })
    })
}
