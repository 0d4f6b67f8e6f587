import { useMemo, useState } from 'preact/hooks'
import type { RunMetricsAnswer } from '../../ui/contract.js'
import { Plot } from '../plots/plot.js'
import { timeSpec } from '../plots/specs.js'
import { source } from '../state/page-state.js'
import { useAnswer } from '../state/use-answer.js'
import { WhenThere } from '../widgets/empty.js'
import { TableHead } from '../widgets/table-head.js'
import { numberText, timeText } from '../words.js'
import { cellText } from '../preview/cell.js'

/** Metrics of a config's runs over time: the latest in a table, the selected ones as lines. */
export const OverTime = ({ config }: { readonly config: string }) => (
  <section aria-label="Metrics over time" data-testid="over-time">
    <h2 class="section">Metrics over time</h2>
    <WhenThere loaded={useAnswer('runs-metrics', { config }, ['history', 'store'])} what="Reading metrics">
      {(answer) =>
        answer.series.length === 0 || answer.runs.length === 0 ? (
          <p class="dim">No run of this config has numbers that are still stored.</p>
        ) : (
          <Lines answer={answer} />
        )
      }
    </WhenThere>
  </section>
)

const listed = 100

/** Index of the first series that changes or is not a count. */
const tellingOf = (series: RunMetricsAnswer['series']): number => {
  const present = series.map(({ values }) => values.filter((value) => typeof value === 'number'))
  const changed = present.findIndex((values) => new Set(values).size > 1)
  return Math.max(0, changed < 0 ? present.findIndex((values) => values.some((value) => value % 1 !== 0)) : changed)
}

const Lines = ({ answer: { runs, series } }: { readonly answer: RunMetricsAnswer }) => {
  const [chosen, choose] = useState<readonly number[]>(() => [tellingOf(series)])
  const spec = useMemo(
    () =>
      timeSpec(
        runs.map(({ started }) => started),
        chosen.flatMap((index) => {
          const found = series[index]
          return found === undefined ? [] : [{ name: titleOf(found), values: found.values }]
        }),
      ),
    [runs, series, chosen],
  )
  return (
    <>
      {source.live ? (
        <Plot spec={spec} label="Metrics over the runs" height={260} />
      ) : (
        chosen.map((index) => <Drawn index={index} title={titleOf(series[index])} />)
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label="Metrics of the runs">
        <table class="data">
          <TableHead columns={['Metric', 'Latest', 'Before', 'Since']} numbers={['Latest', 'Before']} />
          <tbody>
            {series.slice(0, listed).map(({ node, name, values }, index) => (
              <tr>
                <th scope="row">
                  <label class="check">
                    <input
                      type="checkbox"
                      checked={chosen.includes(index)}
                      onChange={({ currentTarget: { checked } }) =>
                        choose(checked ? [...chosen, index] : chosen.filter((one) => one !== index))
                      }
                    />{' '}
                    <span class="dim">{node}</span> {name}
                  </label>
                </th>
                <td>
                  <span class="number">{lastOf(values, 0)}</span>
                </td>
                <td>
                  <span class="number">{lastOf(values, 1)}</span>
                </td>
                <td class="dim">{timeText(runs[0]?.started ?? '')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {series.length > listed ? (
        <p class="dim">
          Listed are the first {numberText(listed)} of {numberText(series.length)}.
        </p>
      ) : null}
    </>
  )
}

const titleOf = (series: RunMetricsAnswer['series'][number] | undefined): string =>
  series === undefined ? '' : `${series.node} ${series.name}`

/** A plot as drawn for the report. */
const Drawn = ({ index, title }: { readonly index: number; readonly title: string }) => {
  const address = source.plot(index)
  if (address === undefined) return <p class="dim">{title}: not drawn in this report; taskchain ui draws all.</p>
  return (
    <figure class="plot drawn">
      <img src={address} alt={`${title} over the runs`} data-testid="drawn-plot" />
      <figcaption class="dim">{title}</figcaption>
    </figure>
  )
}

/** The last value present, or the one before it. */
const lastOf = (values: RunMetricsAnswer['series'][number]['values'], back: number): string => {
  const present = values.filter((value) => value !== null)
  const value = present.at(-1 - back)
  return value === undefined ? '' : cellText(value)
}
