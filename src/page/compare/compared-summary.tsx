import type { CompareAnswer } from '../../ui/contract.js'
import { counted, countText, secondsText } from '../words.js'

/** The comparison in one sentence. */
export const ComparedSummary = ({ answer: { nodes, same, toCompute } }: { readonly answer: CompareAnswer }) => {
  const count = (change: string): number => nodes.filter((node) => node.change === change).length
  return (
    <p class="summary-line" data-testid="compared">
      {counted(nodes.length + same, 'task')}: {countText(same)} the same
      {(['root', 'consequence', 'added', 'removed'] as const).map((change) =>
        count(change) === 0 ? null : (
          <>
            , <span class={`mark-${change}`}>{`${countText(count(change))} ${changeWords[change]}`}</span>
          </>
        ),
      )}
      .{toComputeText(toCompute)}
    </p>
  )
}

const toComputeText = (toCompute: CompareAnswer['toCompute']): string => {
  if (toCompute === undefined || toCompute.nodes.length === 0) return ''
  const took = toCompute.timed === 0 ? '' : `, which took ${secondsText(toCompute.seconds)} before`
  return ` Running the later one computes ${countText(toCompute.distinct)}${took}.`
}

const changeWords = {
  root: 'differ themselves',
  consequence: 'differ through their inputs',
  added: 'added',
  removed: 'removed',
} as const
