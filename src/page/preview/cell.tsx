import type { Cell } from '../../ui/contract.js'
import { numberText } from '../words.js'

export const cellText = (cell: Cell): string => {
  if (cell === null) return '–'
  if (typeof cell === 'object') return cell.kind === 'cut' ? `${cell.text}…` : cell.text
  return typeof cell === 'number' ? numberText(cell) : String(cell)
}

export const isNumberCell = (cell: Cell): boolean =>
  typeof cell === 'number' ||
  (cell !== null && typeof cell === 'object' && (cell.kind === 'number' || cell.kind === 'bigint'))

const titleOf = (cell: Cell): string => {
  if (cell === null) return 'missing'
  return typeof cell === 'object' ? cell.kind : String(cell)
}

export const CellText = ({ cell }: { readonly cell: Cell }) => (
  <span class={cell === null ? 'dim' : isNumberCell(cell) ? 'number' : ''} title={titleOf(cell)}>
    {cellText(cell)}
  </span>
)
