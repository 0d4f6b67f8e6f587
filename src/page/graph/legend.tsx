import type { PendingWork } from '../../ui/contract.js'
import { meaningOf, type Stand, stands as ordered, wordOf } from '../state/stand.js'
import { countText, secondsText } from '../words.js'

/** The number of tasks in each status, with the border that the graph draws for it. */
export const Legend = ({ stands, pending }: { readonly stands: readonly Stand[]; readonly pending: PendingWork }) => {
  const counts = new Map<Stand, number>()
  for (const stand of stands) counts.set(stand, (counts.get(stand) ?? 0) + 1)
  return (
    <ul class="legend" aria-label="States of the tasks" data-testid="legend">
      {ordered
        .filter((stand) => counts.has(stand))
        .map((stand) => (
          <li title={meaningOf[stand]}>
            <StandBox stand={stand} /> {countText(counts.get(stand) ?? 0)} <span class="dim">{wordOf[stand]}</span>
          </li>
        ))}
      {pending.nodes === 0 ? null : <li class="dim">{pendingText(pending)}</li>}
    </ul>
  )
}

/** What a full run would compute and how long that took in earlier runs. */
const pendingText = ({ atLeast, atMost, seconds, timed }: PendingWork): string => {
  const count = atLeast === atMost ? countText(atMost) : `${countText(atLeast)} to ${countText(atMost)}`
  return `a run computes ${count}${timed === 0 ? '' : `, which took ${secondsText(seconds)} before`}`
}

export const StandBox = ({ stand }: { readonly stand: Stand }) => (
  <span class={`stand-box stand-${stand}`} aria-hidden="true" />
)

export const StandBadge = ({ stand, text }: { readonly stand: Stand; readonly text?: string }) => (
  <span class={`badge badge-${stand}`} title={meaningOf[stand]}>
    <StandBox stand={stand} />
    {text ?? wordOf[stand]}
  </span>
)
