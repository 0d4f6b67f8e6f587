import type { Located } from '../../config/config-types.js'
import { stepsTo } from '../../declare/codec/codec-errors.js'
import type { SpelledArgument } from '../../declare/codec/codec-mode.js'
import type { PlanWarning } from '../../errors.js'
import { placeAt } from '../place-at.js'

/** Collects arguments of objects that a config calls as code does, while values are decoded. */
export interface Spelling {
  readonly met: (argument: SpelledArgument) => void
  /**
   * Warns of those that were met since the last call, at their places in a value; without a value they are forgotten.
   */
  readonly tell: (value?: Located) => void
}

/** Warnings go to the list given. */
export const spellingOf = (warnings: PlanWarning[]): Spelling => {
  let found: SpelledArgument[] = []
  return {
    met: (argument) => void found.push(argument),
    tell: (value) => {
      if (value !== undefined)
        for (const { className, written, expected, context } of found) {
          const place = placeAt(value, [...stepsTo({ value: undefined, context }), 'kwargs', written])
          warnings.push({ _tag: 'SpelledArgument', place, className, written, expected })
        }
      found = []
    },
  }
}
