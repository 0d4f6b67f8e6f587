import { pushTo } from '../../base/grouping.js'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import pc from 'picocolors'
import type { Place } from '../../errors.js'
import type { Checked } from '../../inspect/check-configs.js'
import { byPlace, type Occurrence, type Problem } from '../../inspect/check-problems.js'
import type { Paint } from '../host.js'
import { harmless } from './text-width.js'
import { counted } from './units.js'

/** More causes than this are hard to read; the rest is counted. */
const maxCauses = 50

/**
 * Problems by cause, each as `file:line:column: error: message`, which editors and terminals turn into links, followed
 * by its hint and the number of configs affected.
 */
export const causeLines = (problems: readonly Problem[], paint: Paint, most = maxCauses): readonly string[] => {
  const hidden = problems.length - most
  return [
    ...problems.slice(0, most).flatMap((problem) => linesOfCause(problem, paint)),
    ...(hidden > 0 ? [`and ${counted(hidden, 'more cause')}; --all lists all of them`] : []),
  ]
}

/** One line if it fits: with the other places, else with their number, which `--all` lists. */
const linesOfCause = (problem: Problem, paint: Paint): readonly string[] => {
  const { hint, severity } = problem
  const head = headLine(problem, severity, paint)
  const hints = hint === undefined ? [] : [harmless(hint).replaceAll('\n', '\n  ')]
  const bare = headLine(problem, severity, unpainted)
  const fits = (places: readonly string[]): boolean =>
    [bare, ...hints, ...places].join(' ').length < lineWidth && !hints.some((one) => one.includes('\n'))
  const about = (places: readonly string[]): string => [...hints, ...places.map(paint.dim)].join(' ')
  const places = [foldedPlaces(problem), howMany(problem)].find(fits)
  if (places === undefined) return [head, `  ${about(foldedPlaces(problem))}`]
  if (about(places) === '') return [head]
  return [`${head}${hint === undefined ? '' : ';'} ${about(places)}`]
}

const lineWidth = 140
const unpainted = pc.createColors(false)

/** Every place of every problem, by file and line. */
export const placeLines = (problems: readonly Problem[], paint: Paint): readonly string[] => {
  const all = problems.flatMap(({ severity, places }) => places.map((place) => ({ ...place, severity }))).sort(byPlace)
  const files = new Map<string | undefined, (typeof all)[number][]>()
  for (const one of all) pushTo(files, one.file, one)
  return [...files].flatMap(([file, ones]) => [
    paint.bold(`${harmless(file ?? 'the project')}: ${tally(ones)}`),
    ...ones.flatMap((one) => {
      const others = one.configs.filter((config) => config !== file)
      return [
        `  ${headLine(one, one.severity, paint)}`,
        ...(one.hint === undefined ? [] : [`    ${harmless(one.hint).replaceAll('\n', '\n    ')}`]),
        ...(others.length === 0 ? [] : [paint.dim(`    concerns ${someOf(others)}`)]),
      ]
    }),
    '',
  ])
}

const headLine = ({ place, message }: Occurrence, severity: Problem['severity'], paint: Paint): string => {
  const at = place === undefined ? '' : `${atText(place)}: `
  const colour = severity === 'error' ? paint.red : paint.yellow
  return `${paint.dim(harmless(at))}${colour(severity)}: ${harmless(message)}`
}

const atText = ({ origin, line, column }: Place): string => `${origin}${line === 0 ? '' : `:${line}:${column}`}`

/**
 * `(97 configs, 3 tasks; also at configs/b.yaml:3:17, configs/c.yaml:3:17 and 94 more)`; empty for one place in one
 * config.
 */
const foldedPlaces = (problem: Problem): readonly string[] => {
  const { file, configs } = problem
  const elsewhere = placesElsewhere(problem)
  const others = configs.filter((config) => config !== file)
  const whose =
    elsewhere.size > 0 ? `also at ${someOf([...elsewhere])}` : others.length === 0 ? '' : `concerns ${someOf(others)}`
  return inParentheses([counts(problem), whose])
}

/** `(97 configs, 3 tasks)`, for more places than are worth reading. */
const howMany = (problem: Problem): readonly string[] =>
  placesElsewhere(problem).size > 2 ? inParentheses([counts(problem)]) : foldedPlaces(problem)

const inParentheses = (parts: readonly string[]): readonly string[] => {
  const text = parts.filter((part) => part !== '').join('; ')
  return text === '' ? [] : [`(${text})`]
}

const counts = ({ configs, tasks }: Problem): string =>
  [
    ...(configs.length > 1 ? [counted(configs.length, 'config')] : []),
    ...(tasks.length > 1 ? [counted(tasks.length, 'task')] : []),
  ].join(', ')

const placesElsewhere = ({ place, places }: Problem): ReadonlySet<string> => {
  const here = place === undefined ? '' : atText(place)
  return new Set(
    places.flatMap((one) => (one.place === undefined || atText(one.place) === here ? [] : [atText(one.place)])),
  )
}

/** A line for each config. */
export const outcomeLines = (outcomes: readonly Checked[], paint: Paint): readonly string[] => {
  const words = {
    fine: paint.green('fine'),
    wrong: paint.red('wrong'),
    partial: paint.dim('partial'),
    values: paint.dim('values'),
  }
  return outcomes.map(({ config, outcome, nodes, errors, usedBy }) => {
    const about = {
      fine: counted(nodes, 'node'),
      wrong: counted(errors.length, 'error'),
      partial: `needs what the configs that use it provide, ${usedBy ?? ''} for one`,
      values: 'brings no tasks, like a context',
    }[outcome]
    return `${words[outcome]}  ${harmless(config)}  ${paint.dim(harmless(about))}`
  })
}

/** `11 configs: 8 fine, 1 wrong, 1 partial, 1 with values only; 2 errors at 5 places, 0 warnings`. */
export const checkSummary = (outcomes: readonly Checked[], problems: readonly Problem[]): string => {
  if (outcomes.length === 0) return 'no configs found'
  const count = (outcome: Checked['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length
  const parts = [
    `${count('fine')} fine`,
    `${count('wrong')} wrong`,
    ...(count('partial') > 0 ? [`${count('partial')} partial`] : []),
    ...(count('values') > 0 ? [`${count('values')} with values only`] : []),
  ]
  const { errors, warnings } = totals(problems)
  const at = (severity: Problem['severity'], causes: number): string => {
    const places = problems.reduce((sum, one) => (one.severity === severity ? sum + one.places.length : sum), 0)
    return `${counted(causes, severity)}${places > causes ? ` at ${places} places` : ''}`
  }
  return (
    `${counted(outcomes.length, 'config')}: ${parts.join(', ')}; ` +
    `${at('error', errors)}, ${at('warning', warnings)}`
  )
}

export const totals = (
  all: readonly Pick<Problem, 'severity'>[],
): { readonly errors: number; readonly warnings: number } => {
  const errors = all.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: all.length - errors }
}

const tally = (all: readonly Pick<Problem, 'severity'>[]): string => {
  const { errors, warnings } = totals(all)
  return [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ].join(', ')
}

const someOf = (configs: readonly string[]): string => {
  const shown = configs.length <= 3 ? configs : configs.slice(0, 2)
  const names = harmless(shown.join(', '))
  return shown.length === configs.length ? names : `${names} and ${configs.length - shown.length} more`
}

/**
 * Annotations for GitHub Actions, one for each cause and file: `::error file=…,line=…,col=…,title=…::message`. Paths
 * are relative to the checkout, which is GITHUB_WORKSPACE or else the working folder.
 */
export const githubLines = (
  problems: readonly Problem[],
  { root, workspace }: { readonly root: string; readonly workspace: string },
): readonly string[] => {
  const all = problems
    .flatMap(({ severity, places }) => perFile(places).map((one) => ({ ...one, severity })))
    .sort(byPlace)
  return all.map(({ severity, file, place, code, message, hint, configs, lines }) => {
    const isFile = file !== undefined && place?.line !== 0 // a config given as an object has no lines
    const where = [
      ...(isFile ? [`file=${property(pathFrom(workspace, resolve(root, file)))}`] : []),
      ...(isFile && place !== undefined ? [`line=${place.line}`, `col=${place.column}`] : []),
    ]
    const others = configs.filter((config) => config !== file)
    const more =
      lines.length === 0
        ? []
        : [`also at line ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ` and ${lines.length - 5} more` : ''}`]
    const text = [
      message,
      ...(hint === undefined ? [] : [hint]),
      ...more,
      ...(others.length === 0 ? [] : [`concerns ${someOf(others)}`]),
    ].join('\n')
    return `::${severity} ${[...where, `title=${property(code)}`].join(',')}::${data(text)}`
  })
}

/** The first place in each file, with the other affected lines of that file. */
const perFile = (places: readonly Occurrence[]): readonly (Occurrence & { readonly lines: readonly number[] })[] => {
  const files = new Map<string | undefined, Occurrence[]>()
  for (const one of places) pushTo(files, one.file, one)
  return [...files.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const lines = new Set(
      others.flatMap(({ place }) => (place === undefined || place.line === first.place?.line ? [] : [place.line])),
    )
    return [
      {
        ...first,
        configs: [...new Set([first, ...others].flatMap(({ configs }) => configs))].sort(),
        lines: [...lines],
      },
    ]
  })
}

const pathFrom = (workspace: string, path: string): string => {
  const from = relative(workspace, path)
  return (from.startsWith('..') || isAbsolute(from) ? path : from).split(sep).join('/')
}

/** Escapes a message so that it can neither end early nor start another command. */
const data = (text: string): string =>
  harmless(text.replaceAll('%', '%25')).replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
