import type { ComparedMetric, ComparedNode, ComparedParam } from '../../ui/contract.js'
import { TableHead } from '../widgets/table-head.js'
import { countText, numberText } from '../words.js'
import { differenceText, marked } from './difference.js'

const titles: { readonly [change in ComparedNode['change']]: string } = {
  root: 'differs itself',
  consequence: 'differs through its inputs',
  added: 'added',
  removed: 'removed',
}

export const ComparedNodes = ({ nodes }: { readonly nodes: readonly ComparedNode[] }) => (
  <Differences title="Tasks" count={nodes.length} none="All tasks are the same.">
    <table class="data wraps" data-testid="compared-nodes">
      <TableHead columns={['Task', 'Difference', 'Because']} />
      <tbody>
        {nodes.map(({ id, change, because }) => (
          <tr>
            <th scope="row">{id}</th>
            <td>
              <span class={`mark mark-${change}`}>{titles[change]}</span>
            </td>
            <td>{because.join('; ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Differences>
)

export const ComparedParams = ({ params }: { readonly params: readonly ComparedParam[] }) => (
  <Differences title="Params" count={params.length} none="All params are equal.">
    <table class="data wraps" data-testid="compared-params">
      <TableHead columns={['Param', 'Before', 'After', 'Read by']} />
      <tbody>
        {params.map(({ name, inKey, text, place, nodes }) => (
          <tr>
            <th scope="row">
              {name} {inKey ? null : <span class="tag">not in key</span>}
            </th>
            <td>
              <Marked text={text.before} other={text.after} kind="removed" />
              <PlaceText place={place.before} />
            </td>
            <td>
              <Marked text={text.after} other={text.before} kind="added" />
              <PlaceText place={place.after} />
            </td>
            <td title={nodes.join('\n')}>
              {nodes.slice(0, 2).join(', ')}
              {nodes.length > 2 ? <span class="dim"> and {countText(nodes.length - 2)} more</span> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Differences>
)

export const ComparedMetrics = ({ metrics }: { readonly metrics: readonly ComparedMetric[] }) => (
  <Differences title="Metrics" count={metrics.length} none="Both have no stored number in common.">
    <table class="data" data-testid="compared-metrics">
      <TableHead columns={['Metric', 'Before', 'After', 'Difference']} numbers={['Before', 'After', 'Difference']} />
      <tbody>
        {metrics.map(({ node, name, before, after }) => (
          <tr>
            <th scope="row">
              <span class="dim">{node}</span> {name}
            </th>
            <td>
              <span class="number">{numberText(before)}</span>
            </td>
            <td>
              <span class="number">{numberText(after)}</span>
            </td>
            <td>
              <span class={`number${before === after ? ' dim' : ''}`}>{differenceText(before, after)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Differences>
)

const Differences = ({
  title,
  count,
  none,
  children,
}: {
  readonly title: string
  readonly count: number
  readonly none: string
  readonly children: preact.ComponentChildren
}) => (
  <section aria-label={title}>
    <h2 class="section">
      {title} {count === 0 ? null : <span class="dim">{countText(count)}</span>}
    </h2>
    {count === 0 ? (
      <p class="dim">{none}</p>
    ) : (
      <div class="scroll" tabIndex={0} role="region" aria-label={`Table of ${title.toLowerCase()}`}>
        {children}
      </div>
    )}
  </section>
)

/** A text, with the part that the other text lacks as `<mark>`. */
const Marked = ({
  text,
  other,
  kind,
}: {
  readonly text: string | null
  readonly other: string | null
  readonly kind: 'added' | 'removed'
}) => {
  if (text === null) return <span class="dim">none</span>
  const { start, middle, end } = marked(text, other ?? '')
  return (
    <code>
      {start}
      {middle === '' ? null : <mark class={`mark-${kind}`}>{middle}</mark>}
      {end}
    </code>
  )
}

const PlaceText = ({ place }: { readonly place: { readonly file: string; readonly line: number } | null }) =>
  place === null ? null : <span class="place block">{`${place.file}:${place.line}`}</span>
