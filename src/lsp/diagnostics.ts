import * as E from 'fp-ts/lib/Either.js'
import { pushTo } from '../base/grouping.js'
import { parseDocument } from '../config/document.js'
import { explain } from '../explain.js'
import { subjectOf } from '../explain/subject.js'
import type { FileProblem } from './facts.js'
import { linesOf, stretchAt, type Stretch } from './ranges.js'

/** A problem as an editor underlines it. */
export interface Underlined {
  readonly stretch: Stretch
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
}

/** Syntax problems of a text, found without knowing the project. */
export const problemsOfText = (origin: string, text: string): readonly FileProblem[] => {
  const parsed = parseDocument(origin, text)
  return E.isRight(parsed)
    ? []
    : parsed.left.map((error) => ({
        ...explain(error._tag === 'NumberTooLarge' ? { ...error, text: 'the number' } : error), // it may be secret
        severity: 'error',
        file: origin,
        param: subjectOf(error).param,
      }))
}

/** Problems of one file, located in its text; those without a line are shown in the first line. */
export const underlined = (problems: readonly FileProblem[], text: string): readonly Underlined[] => {
  const lines = linesOf(text)
  return problems.map(({ place, message, hint, code, severity, param }) => ({
    stretch: stretchAt(lines, place ?? { line: 1, column: 1 }, aboutNames.has(code) ? param : undefined),
    severity,
    code,
    message: hint === undefined ? message : `${message}\n${hint}`,
  }))
}

/** Problems with the name of a value rather than with its content. */
const aboutNames: ReadonlySet<string> = new Set([
  'UnusedValue',
  'UnusedContextValue',
  'UnreadValue',
  'IgnoredBesideParts',
])

/** Problems by file, without duplicates. */
export const byFile = (problems: readonly FileProblem[]): ReadonlyMap<string | undefined, readonly FileProblem[]> => {
  const files = new Map<string | undefined, FileProblem[]>()
  const seen = new Set<string>()
  for (const problem of problems) {
    const key = JSON.stringify([problem.file, problem.place, problem.message])
    if (!seen.has(key)) pushTo(files, problem.file, problem)
    seen.add(key)
  }
  return files
}
