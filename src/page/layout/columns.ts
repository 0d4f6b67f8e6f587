/** Centres on a line in the given order, as close as possible (least squares) to the wanted places without overlap. */
export const placedOnLine = (wanted: readonly number[], sizes: readonly number[], gap: number): readonly number[] => {
  const offsets: number[] = []
  let offset = 0
  sizes.forEach((size, index) => {
    if (index > 0) offset += ((sizes[index - 1] ?? 0) + size) / 2 + gap
    offsets.push(offset)
  })
  /** Sequences of neighbours that touch, each with the mean of the wanted places. */
  const runs: { sum: number; count: number }[] = []
  wanted.forEach((want, index) => {
    let run = { sum: want - (offsets[index] ?? 0), count: 1 }
    for (
      let last = runs.at(-1);
      last !== undefined && last.sum / last.count >= run.sum / run.count;
      last = runs.at(-1)
    ) {
      run = { sum: last.sum + run.sum, count: last.count + run.count }
      runs.pop()
    }
    runs.push(run)
  })
  return runs
    .flatMap(({ sum, count }) => Array<number>(count).fill(sum / count))
    .map((start, index) => start + (offsets[index] ?? 0))
}
