import { causeText, thrownAt } from '../explain/words.js'
import { printBeside, type Call } from './call.js'
import { watchStrayFailures, type StrayFailures } from './stray-failures.js'
import { harmless } from './render/text-width.js'

/** Watches stray failures of a command's run and reports them on standard error; `before` ends what is drawn there. */
export const reportedStrayFailures = (call: Call, before: () => void): StrayFailures =>
  watchStrayFailures((sentence, cause, consequence) => {
    before()
    printBeside(call, [
      `${call.paint.err.red('error')}: ${harmless(sentence)}` +
        `${cause === undefined ? '' : `: ${harmless(causeText(cause))}`}`,
      call.paint.err.dim(
        `  ${cause === undefined ? '' : `${harmless(thrownAt(cause) ?? 'it tells no place')}; `}${consequence}`,
      ),
    ])
  })
