import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Checked } from './check-configs.js'
import type { FileProblems, Problem } from './check-problems.js'
import type { Paint } from './host.js'
import { harmless } from './text-width.js'
import { counted } from './units.js'

/** Problems by file, each as `file:line:column: error: message` with its hint and the other configs it concerns below; as editors and terminals link them. */
export const checkLines = (files: readonly FileProblems[], paint: Paint): readonly string[] =>
  files.flatMap(({ file, problems }) => [
    paint.bold(`${harmless(file ?? 'the project')}: ${tally(problems)}`),
    ...problems.flatMap((problem) => {
      const { place, severity, message, hint } = problem
      const at = place === undefined ? '' : `${place.origin}${place.line === 0 ? '' : `:${place.line}:${place.column}`}: `
      const others = problem.configs.filter((config) => config !== file)
      return [
        `  ${paint.dim(harmless(at))}${(severity === 'error' ? paint.red : paint.yellow)(severity)}: ${harmless(message)}`,
        ...(hint === undefined ? [] : [`    ${harmless(hint).replaceAll('\n', '\n    ')}`]),
        ...(others.length === 0 ? [] : [paint.dim(`    concerns ${someOf(others)}`)]),
      ]
    }),
    '',
  ])

/** What there is besides problems: each config in a line. */
export const outcomeLines = (outcomes: readonly Checked[], paint: Paint): readonly string[] => {
  const words = { fine: paint.green('fine'), wrong: paint.red('wrong'), partial: paint.dim('partial'), values: paint.dim('values') }
  return outcomes.map(({ config, outcome, nodes, errors, usedBy }) => {
    const about = { fine: counted(nodes, 'node'), wrong: counted(errors.length, 'error'), partial: `needs what the configs that use it bring, ${usedBy ?? ''} for one`, values: 'brings no tasks, like a context' }[outcome]
    return `${words[outcome]}  ${harmless(config)}  ${paint.dim(harmless(about))}`
  })
}

/** `11 configs: 8 fine, 1 wrong, 1 partial, 1 with values only; 2 errors, 0 warnings`. */
export const checkSummary = (outcomes: readonly Checked[], files: readonly FileProblems[]): string => {
  if (outcomes.length === 0) return 'no configs found'
  const count = (outcome: Checked['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length
  const parts = [`${count('fine')} fine`, `${count('wrong')} wrong`, ...(count('partial') > 0 ? [`${count('partial')} partial`] : []), ...(count('values') > 0 ? [`${count('values')} with values only`] : [])]
  const { errors, warnings } = totals(files)
  return `${counted(outcomes.length, 'config')}: ${parts.join(', ')}; ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
}

export const totals = (files: readonly FileProblems[]): { readonly errors: number; readonly warnings: number } => {
  const all = files.flatMap(({ problems }) => problems)
  const errors = all.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: all.length - errors }
}

const tally = (problems: readonly Problem[]): string => {
  const { errors, warnings } = totals([{ file: undefined, problems }])
  return [...(errors > 0 ? [counted(errors, 'error')] : []), ...(warnings > 0 ? [counted(warnings, 'warning')] : [])].join(', ')
}

const someOf = (configs: readonly string[]): string => {
  const shown = configs.length <= 3 ? configs : configs.slice(0, 2)
  const names = harmless(shown.join(', '))
  return shown.length === configs.length ? names : `${names} and ${configs.length - shown.length} more`
}

/**
 * Annotations of GitHub Actions, one a problem: `::error file=…,line=…,col=…,title=…::message`. Paths are made relative to the checkout,
 * which is GITHUB_WORKSPACE, else the working folder.
 */
export const githubLines = (files: readonly FileProblems[], { root, workspace }: { readonly root: string; readonly workspace: string }): readonly string[] =>
  files.flatMap(({ problems }) =>
    problems.map(({ severity, file, place, code, message, hint, configs }) => {
      const isFile = file !== undefined && place?.line !== 0 // what was given as an object has no lines
      const where = [...(isFile ? [`file=${property(pathFrom(workspace, resolve(root, file)))}`] : []), ...(isFile && place !== undefined ? [`line=${place.line}`, `col=${place.column}`] : [])]
      const others = configs.filter((config) => config !== file)
      const text = [message, ...(hint === undefined ? [] : [hint]), ...(others.length === 0 ? [] : [`concerns ${someOf(others)}`])].join('\n')
      return `::${severity} ${[...where, `title=${property(code)}`].join(',')}::${data(text)}`
    }),
  )

const pathFrom = (workspace: string, path: string): string => {
  const from = relative(workspace, path)
  return (from.startsWith('..') || isAbsolute(from) ? path : from).split(sep).join('/')
}

/** A message must not end early or start a command of its own. */
const data = (text: string): string => harmless(text.replaceAll('%', '%25')).replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
