import type { NodeAnswer } from '../../ui/contract.js'

/** Why a node is or is not computed again, in the words of `taskchain why`. */
export const Why = ({ answer: { why } }: { readonly answer: NodeAnswer }) =>
  why.length === 0 ? (
    <p class="dim">There is nothing to say.</p>
  ) : (
    <pre class="text why" data-testid="why">
      {why.join('\n')}
    </pre>
  )
