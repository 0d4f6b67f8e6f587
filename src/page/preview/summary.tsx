import type { ColumnSummary, NumberSummary } from '../../ui/contract.js'
import { Facts } from '../node/about.js'
import { Histogram } from '../plots/histogram.js'
import { countText, numberText } from '../words.js'

/** Summary of a column, in its table header. */
export const ColumnSummaryView = ({ name, summary }: { readonly name: string; readonly summary: ColumnSummary }) => (
  <div class="summary">
    {summary.numbers === undefined ? null : (
      <>
        <Histogram bins={summary.numbers.histogram} label={name} />
        <span>
          {numberText(summary.numbers.min)} – {numberText(summary.numbers.max)}
        </span>
        <span>mean {numberText(summary.numbers.mean)}</span>
      </>
    )}
    {summary.texts === undefined ? null : (
      <>
        <span>
          {countText(summary.texts.distinct)}
          {summary.texts.more ? '+' : ''} different
        </span>
        {summary.texts.commonest.slice(0, 2).map(({ text, count }) => (
          <span title={text}>
            {text === '' ? '(empty)' : text} <b>{countText(count)}</b>
          </span>
        ))}
      </>
    )}
    {summary.missing === 0 ? null : <span class="warn">{countText(summary.missing)} missing</span>}
  </div>
)

/** Summary of an array. */
export const NumberSummaryView = ({
  summary,
  looked,
}: {
  readonly summary: NumberSummary
  readonly looked: number
}) => (
  <>
    <Histogram bins={summary.histogram} height={64} label="values" />
    <Facts
      facts={[
        ['min', numberText(summary.min)],
        ['median', numberText(summary.median)],
        ['mean', `${numberText(summary.mean)} ± ${numberText(summary.deviation)}`],
        ['max', numberText(summary.max)],
        ['not finite', summary.odd === 0 ? undefined : `${countText(summary.odd)} NaN or infinite`],
        ['of', `${countText(looked)} elements`],
      ]}
    />
  </>
)
