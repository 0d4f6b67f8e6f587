import type { PreviewQuestion } from '../../ui/addresses.js'
import type { ItemsPreview } from '../../ui/contract.js'
import { numberText, timeText } from '../words.js'
import { Pager } from './pager.js'
import type { Part } from './part.js'
import { TreeView } from './text-views.js'

const page = 50

/** The request for a set of items. */
export const itemsOf = (name: string): PreviewQuestion => ({ name: `items:${name}`, limit: page })

/** Results of items that are stored one by one, with their cost. */
export const ItemsView = ({ preview, part }: { readonly preview: ItemsPreview; readonly part: Part }) => (
  <>
    {preview.sets.length < 2 ? null : (
      <div class="segments" role="group" aria-label="Sets of items">
        {preview.sets.map((name) => (
          <button type="button" aria-pressed={name === preview.name} onClick={() => part.ask(itemsOf(name))}>
            {name}
          </button>
        ))}
      </div>
    )}
    {Object.keys(preview.cost).length === 0 ? null : (
      <p>
        Total cost: <strong>{costText(preview.cost)}</strong>
      </p>
    )}
    <Pager
      offset={preview.offset}
      shown={preview.items.length}
      total={preview.total}
      what="items"
      page={page}
      onOffset={(offset) => part.ask({ ...part.question, offset, limit: page })}
    />
    <ul class="items">
      {preview.items.map(({ key, outcome, at, item, result, cost }) => (
        <li>
          <p class="row wrap">
            <span class={`tag outcome-${outcome}`}>{outcome}</span>
            <span class="dim">{timeText(at)}</span>
            <code class="key">{key.slice(0, 12)}</code>
            {cost === undefined ? null : <span>{costText(cost)}</span>}
          </p>
          <div class="pair">
            <TreeView root={item} />
            <TreeView root={result} />
          </div>
        </li>
      ))}
    </ul>
  </>
)

const costText = (cost: { readonly [unit: string]: number }): string =>
  Object.entries(cost)
    .map(([unit, value]) => `${unit} ${numberText(value)}`)
    .join(', ')
