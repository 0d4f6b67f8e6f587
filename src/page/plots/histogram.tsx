import type { Histogram as Bins } from '../../ui/contract.js'
import { numberText } from '../words.js'

/** Bars of a histogram, small enough for a table header. */
export const Histogram = ({
  bins: { min, max, counts },
  height = 34,
  label,
}: {
  readonly bins: Bins
  readonly height?: number
  readonly label: string
}) => {
  const most = counts.reduce((high, count) => Math.max(high, count), 1)
  const wide = 100 / Math.max(1, counts.length)
  return (
    <svg
      class="histogram"
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={`${label}: histogram from ${numberText(min)} to ${numberText(max)}`}
    >
      {counts.map((count, index) => {
        const tall = count === 0 ? 0 : Math.max(1, (count / most) * height)
        const from = min + ((max - min) * index) / counts.length
        return (
          <rect x={index * wide} y={height - tall} width={Math.max(0.4, wide - 0.6)} height={tall}>
            <title>{`${numberText(from)} … ${numberText(from + (max - min) / counts.length)}: ${count}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
