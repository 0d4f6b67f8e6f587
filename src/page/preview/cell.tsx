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

export const CellText = ({ cell }: { readonly cell: Cell }) => (
  <span
    class={cell === null ? 'dim' : isNumberCell(cell) ? 'number' : ''}
    title={
      cell !== null && typeof cell === 'object'
        ? cell.kind
        : typeof cell === 'string'
          ? cell
          : cell === null
            ? 'missing'
            : String(cell)
    }
  >
    {cellText(cell)}
  </span>
)
