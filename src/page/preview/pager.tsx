import { countText } from '../words.js'

/** The current position in a long list, and buttons to the previous and next part. */
export const Pager = ({
  offset,
  shown,
  total,
  what,
  page,
  onOffset,
}: {
  readonly offset: number
  readonly shown: number
  /** Undefined if it was not counted. */
  readonly total: number | undefined
  readonly what: string
  readonly page: number
  readonly onOffset: (offset: number) => void
}) => {
  const last = offset + shown
  const more = total === undefined ? shown >= page : last < total
  return (
    <div class="pager" role="group" aria-label={`Pages of ${what}`}>
      <button
        type="button"
        disabled={offset === 0}
        aria-label={`Previous ${what}`}
        onClick={() => onOffset(Math.max(0, offset - page))}
      >
        ‹
      </button>
      <span>
        {shown === 0 ? 'none' : `${countText(offset + 1)}–${countText(last)}`}
        {total === undefined ? '' : ` of ${countText(total)}`} {what}
      </span>
      <button type="button" disabled={!more} aria-label={`Next ${what}`} onClick={() => onOffset(offset + page)}>
        ›
      </button>
    </div>
  )
}
