import type { Cell } from '../../ui/contract.js'
import { plainCell } from '../plots/specs.js'

export interface Order {
  readonly column: string
  readonly down: boolean
}

/** Indexes of rows sorted by the cells of a column; missing values come last in either direction. */
export const ordered = (count: number, cells: readonly Cell[] | undefined, down: boolean): readonly number[] => {
  const rows = Array.from({ length: count }, (_, row) => row)
  if (cells === undefined) return rows
  return rows.toSorted((left, right) => {
    const [one, other] = [plainCell(cells[left]), plainCell(cells[right])]
    if (one === null || other === null) return Number(one === null) - Number(other === null) || left - right
    return (down ? -1 : 1) * orderOf(one, other) || left - right
  })
}

const orderOf = (one: number | string | boolean, other: number | string | boolean): number => {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (one === other) return 0
  return String(one) < String(other) ? -1 : 1
}
