import { useEffect, useRef } from 'preact/hooks'
import type { ArrayPreview, ArraysPreview, HeatMap } from '../../ui/contract.js'
import { isDark } from '../state/theme.js'
import { numberText } from '../words.js'
import { cellText } from './cell.js'
import { heatColour, heatRange } from './heat.js'
import type { Part } from './part.js'
import { NumberSummaryView } from './summary.js'

export const ArrayView = ({ preview, part }: { readonly preview: ArrayPreview; readonly part: Part }) => (
  <>
    <p>
      <code>{preview.dtype}</code>{' '}
      <strong>{preview.shape.length === 0 ? 'one number' : preview.shape.join(' × ')}</strong>
    </p>
    {preview.summary === undefined ? null : <NumberSummaryView summary={preview.summary} looked={preview.looked} />}
    {preview.heatMap === undefined ? null : <Heat map={preview.heatMap} shape={preview.shape} part={part} />}
    {preview.line === undefined ? null : <Line line={preview.line} />}
    <h3>First elements</h3>
    <p class="elements">{preview.first.map((cell) => cellText(cell)).join('  ')}</p>
  </>
)

export const ArraysView = ({ preview, part }: { readonly preview: ArraysPreview; readonly part: Part }) => (
  <>
    <ul class="choices">
      {preview.arrays.map(({ name, dtype, shape }) => (
        <li class="row between">
          <button type="button" class="link" aria-pressed={name === preview.name} onClick={() => part.ask({ name })}>
            {name}
          </button>
          <span class="dim">
            {dtype} {shape.join(' × ')}
          </span>
        </li>
      ))}
    </ul>
    {preview.more > 0 ? <p class="dim">and {preview.more} more</p> : null}
    {preview.array === undefined ? null : <ArrayView preview={preview.array} part={part} />}
    {preview.values === undefined ? null : (
      <p class="elements">{preview.values.map((cell) => cellText(cell)).join('  ')}</p>
    )}
  </>
)

/** Blocks of a matrix as colours; for more dimensions, slices are selected by index. */
const Heat = ({
  map,
  shape,
  part,
}: {
  readonly map: HeatMap
  readonly shape: readonly number[]
  readonly part: Part
}) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const numbers = map.values.filter((value) => value !== null)
  const { low, high } = heatRange(numbers)
  const [least, most] = [numbers.some((value) => value < low), numbers.some((value) => value > high)]
  const dark = isDark()
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    map.values.forEach((value, index) => {
      context.fillStyle =
        value === null ? (dark ? '#333' : '#ddd') : heatColour(high === low ? 0.5 : (value - low) / (high - low), dark)
      context.fillRect(index % map.columns, Math.floor(index / map.columns), 1, 1)
    })
  }, [map, dark])
  return (
    <figure class="heat">
      <canvas
        ref={canvas}
        width={map.columns}
        height={map.rows}
        role="img"
        aria-label={`Heat map of ${map.rowsInAll} by ${map.columnsInAll} elements`}
        style={{ aspectRatio: `${Math.max(map.columns, 1)} / ${Math.max(map.rows, 1)}` }}
      />
      <figcaption class="dim">
        {numbers.length === 0
          ? 'no numbers'
          : [
              `${numberText(low)}${least ? ' or less' : ''} (${dark ? 'dark' : 'light'})`,
              `${numberText(high)}${most ? ' or more' : ''} (${dark ? 'light' : 'dark'})`,
            ].join(' to ')}
      </figcaption>
      {map.slice.map((index, dimension) => (
        <label>
          Index of dimension {dimension}{' '}
          <input
            type="number"
            min={0}
            max={(shape[dimension] ?? 1) - 1}
            value={index}
            onChange={({ currentTarget }) =>
              part.ask({
                ...part.question,
                slice: map.slice.map((old, at) => (at === dimension ? currentTarget.value : old)).join(','),
              })
            }
          />
        </label>
      ))}
    </figure>
  )
}

const Line = ({ line: { mean, min, max, step } }: { readonly line: NonNullable<ArrayPreview['line']> }) => {
  const numbers = [...min, ...max].filter((cell) => typeof cell === 'number')
  const low = numbers.reduce((least, value) => Math.min(least, value), Infinity)
  const high = numbers.reduce((most, value) => Math.max(most, value), -Infinity)
  const [width, height] = [400, 110]
  const heightOf = (cell: unknown): number =>
    typeof cell === 'number' ? height - ((cell - low) / (high - low || 1)) * height : height
  const at = (index: number, cell: unknown): string =>
    `${((index / Math.max(1, mean.length - 1)) * width).toFixed(1)},${heightOf(cell).toFixed(1)}`
  const band = [...max.map((cell, index) => at(index, cell)), ...min.map((cell, index) => at(index, cell)).toReversed()]
  return (
    <figure>
      <svg
        class="line-plot"
        viewBox={`-2 -2 ${width + 4} ${height + 4}`}
        role="img"
        aria-label={`Values from ${numberText(low)} to ${numberText(high)}`}
      >
        <polygon points={band.join(' ')} />
        <polyline points={mean.map((cell, index) => at(index, cell)).join(' ')} />
      </svg>
      <figcaption class="dim">
        {numberText(low)} to {numberText(high)}
        {step > 1 ? `; a point is the mean of ${numberText(step)} elements` : ''}
      </figcaption>
    </figure>
  )
}
