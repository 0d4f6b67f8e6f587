import type { LoadedProject } from '../../adapters/project/project-file.js'
import { splitPart } from '../../config/uses.js'
import { attemptsOf, type Attempt } from '../../inspect/check-attempts.js'
import { judgedTogether, type Checked } from '../../inspect/check-configs.js'
import { problemsOf } from '../../inspect/check-problems.js'
import type { CheckFacts, ConfigFact, FileProblem } from '../facts.js'
import { kindByText } from '../level.js'
import { checkContext, givenIn } from './check-context.js'
import type { LaidOver } from './laid-over.js'
import type { ConfigTexts } from './config-texts.js'

/** Checks all configs of a project, and after a change only the affected ones. */
export interface Checker {
  /** These files, or all, must be checked again. */
  readonly forget: (origins?: readonly string[]) => void
  /** Undefined if something has changed in the meantime. */
  readonly check: () => Promise<CheckFacts | undefined>
}

/** Configs that are planned before yielding to pending edits. */
const atOnce = 20
/** Where contexts usually are. */
const contextsFolder = 'contexts'

export const makeChecker = (loaded: LoadedProject, texts: ConfigTexts, laid: LaidOver): Checker => {
  const { project } = loaded
  const known = new Map<string, readonly Attempt[]>()
  let generation = 0
  const options = {
    contexts: laid.contexts,
    set: laid.set,
    source: texts,
    ...(laid.store === undefined ? {} : { store: laid.store }),
  }
  const plan = async (origins: readonly string[]): Promise<boolean> => {
    const began = generation
    const missing = origins.filter((origin) => !known.has(origin))
    for (let from = 0; from < missing.length; from += atOnce) {
      const some = missing.slice(from, from + atOnce)
      const attempts = await attemptsOf(loaded, some, options)
      await new Promise((resolve) => void setImmediate(resolve)) // lets pending edits arrive
      if (began !== generation) return false
      for (const origin of some)
        known.set(
          origin,
          attempts.filter(({ config }) => splitPart(config).path === origin),
        )
    }
    return true
  }
  return {
    forget: (origins) => {
      generation++
      if (origins === undefined) known.clear()
      for (const [origin, attempts] of known)
        if (origins?.some((one) => one === origin || attempts.some(({ read }) => read.includes(one))) === true)
          known.delete(origin)
    },
    check: async () => {
      const began = generation
      const origins = await texts.list(project.configs)
      for (const origin of known.keys()) if (!origins.includes(origin)) known.delete(origin)
      if (!(await plan(origins))) return undefined
      const attempts = [...known.values()].flat()
      const checked = judgedTogether(loaded, attempts)
      const contexts = await contextsIn(texts, origins)
      const ofContexts = await Promise.all(contexts.map((origin) => checkContext(loaded, origin, texts, laid)))
      if (began !== generation) return undefined
      return {
        problems: [...fileProblems(checked), ...ofContexts.flatMap(({ problems }) => problems)],
        configs: [...checked.map((one) => factOf(one, known)), ...ofContexts.map(({ fact }) => fact)],
        namespaces: namespacesIn(attempts),
      }
    },
  }
}

const namespacesIn = (attempts: readonly Attempt[]): readonly string[] => {
  const found = new Set(attempts.flatMap(({ resolved }) => resolved?.configs.map(({ namespace }) => namespace) ?? []))
  found.delete('')
  return [...found].sort()
}

/** Contexts: files in their usual folder, and open documents recognised as such. */
const contextsIn = async (texts: ConfigTexts, configs: readonly string[]): Promise<readonly string[]> => {
  const known = new Set(configs)
  const opened = await Promise.all(
    texts.opened().map(async (origin) => [origin, kindByText(origin, (await texts.read(origin)) ?? '')] as const),
  )
  const outside = opened.filter(([, kind]) => kind === 'context').map(([origin]) => origin)
  const found = [...(await texts.list(contextsFolder)), ...outside].filter((origin) => !known.has(origin))
  return [...new Set(found)].slice(0, 200)
}

const fileProblems = (checked: readonly Checked[]): readonly FileProblem[] =>
  problemsOf(checked).flatMap(({ severity, param, places }) =>
    places.map(({ file, code, place, message, hint }): FileProblem => {
      const where = { ...(place && { place }), ...(hint !== undefined && { hint }) }
      return { severity, file, code, message, param, ...where }
    }),
  )

const factOf = (
  { config, outcome, errors, usedBy }: Checked,
  known: ReadonlyMap<string, readonly Attempt[]>,
): ConfigFact => {
  const { path } = splitPart(config)
  const documents = known.get(path)?.find((attempt) => attempt.config === config)?.documents
  return {
    config,
    outcome,
    errors: outcome === 'wrong' ? errors.length : 0,
    usedBy,
    gives: outcome === 'values' ? givenIn(documents, path) : [],
  }
}
