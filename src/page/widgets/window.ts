/** Which of many equal rows or columns are visible: `from` and `to`, with a margin on both sides. */
export interface Window {
  readonly from: number
  /** Index after the last one. */
  readonly to: number
}

export const windowOf = (scrolled: number, view: number, size: number, count: number, spare = 6): Window => ({
  from: Math.max(0, Math.min(count, Math.floor(scrolled / size) - spare)),
  to: Math.max(0, Math.min(count, Math.ceil((scrolled + view) / size) + spare)),
})

/** Pages of a table that a window needs, by index of their first row. */
export const pagesOf = ({ from, to }: Window, page: number): readonly number[] => {
  const first = Math.floor(from / page)
  const last = Math.ceil(Math.max(to, from + 1) / page)
  return Array.from({ length: Math.max(0, last - first) }, (_, index) => (first + index) * page)
}
