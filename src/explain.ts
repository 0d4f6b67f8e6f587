import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { TaskchainError, warningsBeside, type AnyError, type Place, type PlanWarning } from './errors.js'
import { planErrors } from './explain/plan-errors.js'
import { runErrors, usageErrors } from './explain/run-errors.js'
import { warnings } from './explain/warnings.js'
import { placeText, sentenceOf, type Sentence, type Sentences } from './explain/words.js'

/** An error or a warning as text. `code` is its tag; `place` is set if a config is at fault. */
export interface Explanation {
  readonly code: string
  readonly place?: Place
  readonly message: string
  readonly hint?: string
}

/**
 * What is wrong, where, and what to do: for people, editors and `--json`.
 *
 * @example
 * const broken = await planConfig(project, { config: { tasks: 'moveis.*' } })
 * const [first] = E.isLeft(broken) ? broken.left.map(explain) : []
 * first?.code // => 'UnknownTasks'
 */
export const explain = (error: AnyError | PlanWarning): Explanation => {
  const { place, message, hint } = sentence(error)
  return {
    code: error._tag,
    ...(place === undefined ? {} : { place }),
    message,
    ...(hint === undefined ? {} : { hint }),
  }
}

/**
 * The same as text: place and message in one line, the hint indented in the next.
 *
 * @example
 * const broken = await planConfig(project, { config: 'configs/typo.yaml' })
 * const lines = E.isLeft(broken) ? explainText(broken.left[0]).split('\n') : []
 * lines // => ["configs/typo.yaml:1:8: no task matches 'moveis.*'", "  did you mean 'movies.*'?"]
 */
export const explainText = (error: AnyError | PlanWarning): string => {
  const { place, message, hint } = sentence(error)
  return `${place === undefined ? '' : `${placeText(place)}: `}${message}${hint === undefined ? '' : `\n  ${hint}`}`
}

/**
 * All of them, one below the other, without duplicates.
 *
 * @example
 * const broken = await planConfig(project, { config: { tasks: ['moveis.*', 'none.*'] } })
 * const text = E.isLeft(broken) ? explainAll(broken.left) : 'fine'
 * text.includes('moveis.*') && text.includes('none.*') // => true
 */
export const explainAll = (errors: readonly (AnyError | PlanWarning)[]): string =>
  [...new Set(errors.map(explainText))].join('\n')

/**
 * The error that the Promise-based API rejects with: its message has the sentences of the errors, followed by those of
 * their warnings.
 */
export const taskchainError = (errors: NonEmptyArray<AnyError>): TaskchainError =>
  new TaskchainError(errors, [explainAll(errors), ...warningLines(warningsBeside(errors))].join('\n'))

/** The first ten; the rest are only counted. */
const warningLines = (warnings: readonly PlanWarning[]): readonly string[] => {
  const lines = [...new Set(warnings.map((warning) => `warning: ${explainText(warning)}`))]
  return lines.length <= 10 ? lines : [...lines.slice(0, 10), `and ${lines.length - 10} more warnings`]
}

const sentences: Sentences<AnyError | PlanWarning> = { ...planErrors, ...runErrors, ...usageErrors, ...warnings }

const sentence = (error: AnyError | PlanWarning): Sentence => sentenceOf(sentences, error)

/** The error of a wrong option, argument or setting. */
export const badOption = (option: string, problem: string): TaskchainError =>
  taskchainError([{ _tag: 'BadOption', option, problem }])
