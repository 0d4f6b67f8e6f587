import type { Located } from '../../config/config-types.js'
import { stepsTo } from '../../declare/codec/codec-errors.js'
import type { SpelledArgument } from '../../declare/codec/codec-mode.js'
import type { PlanWarning } from '../../errors.js'
import { placeAt } from '../place-at.js'

/** Collects, during decoding, object arguments that a config spells as in code. */
export interface Spelling {
  readonly met: (argument: SpelledArgument) => void
  /**
   * Warns about those collected since the last call, at their places in a value; without a value they are discarded.
   */
  readonly report: (value?: Located) => void
}

/** Appends warnings to the given list. */
export const spellingOf = (warnings: PlanWarning[]): Spelling => {
  let found: SpelledArgument[] = []
  return {
    met: (argument) => void found.push(argument),
    report: (value) => {
      if (value !== undefined)
        for (const { className, written, expected, context } of found) {
          const place = placeAt(value, [...stepsTo({ value: undefined, context }), 'kwargs', written])
          warnings.push({ _tag: 'SpelledArgument', place, className, written, expected })
        }
      found = []
    },
  }
}
