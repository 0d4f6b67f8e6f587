import type { NodeAnswer } from '../../ui/contract.js'

/** Why a node is or is not recomputed, as `taskchain why` explains it. */
export const Why = ({ answer: { why } }: { readonly answer: NodeAnswer }) =>
  why.length === 0 ? (
    <p class="dim">There is nothing to explain.</p>
  ) : (
    <pre class="text why" data-testid="why">
      {why.join('\n')}
    </pre>
  )
