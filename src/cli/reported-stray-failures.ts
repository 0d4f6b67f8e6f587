import { causeText, thrownAt } from '../explain/words.js'
import { printBeside, type Call } from './call.js'
import { watchStrayFailures, type StrayFailures } from './stray-failures.js'
import { harmless } from './render/text-width.js'

/** Reports stray failures during a command's run on standard error; `before` first removes what is drawn there. */
export const reportedStrayFailures = (call: Call, before: () => void): StrayFailures =>
  watchStrayFailures((sentence, cause, consequence) => {
    before()
    printBeside(call, [
      `${call.paint.err.red('error')}: ${harmless(sentence)}` +
        `${cause === undefined ? '' : `: ${harmless(causeText(cause))}`}`,
      call.paint.err.dim(
        `  ${cause === undefined ? '' : `${harmless(thrownAt(cause) ?? 'without a place')}; `}${consequence}`,
      ),
    ])
  })
