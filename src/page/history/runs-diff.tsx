import { ComparedMetrics, ComparedNodes, ComparedParams } from '../compare/compared.js'
import { ComparedSummary } from '../compare/compared-summary.js'
import { put } from '../state/page-state.js'
import { useAnswer } from '../state/use-answer.js'
import { WhenThere } from '../widgets/empty.js'

/** A comparison of two runs, by their recorded plans. */
export const RunsDiff = ({ before, after }: { readonly before: string; readonly after: string }) => (
  <section class="card" aria-label="Difference of two runs" data-testid="runs-diff">
    <div class="row between">
      <h2>
        {before} → {after}
      </h2>
      <button
        type="button"
        class="quiet"
        aria-label="Close"
        onClick={() => put({ before: undefined, after: undefined })}
      >
        ✕
      </button>
    </div>
    <WhenThere loaded={useAnswer('runs-diff', { before, after }, ['history'])} what="Comparing">
      {(answer) => (
        <>
          <ComparedSummary answer={answer} />
          <ComparedParams params={answer.params} />
          <ComparedMetrics metrics={answer.metrics} />
          <ComparedNodes nodes={answer.nodes} />
        </>
      )}
    </WhenThere>
  </section>
)
