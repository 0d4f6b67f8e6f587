import * as E from 'fp-ts/lib/Either.js'
import { loadDocuments } from '../../src/adapters/project/config-files.js'
import { objectSource } from '../config/object-source.js'
import { checkFolder } from '../../src/adapters/file-store/safe-path.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import type { ContextSpec, ResolveOptions } from '../../src/config/config-types.js'
import type { Project } from '../../src/declare/project.js'
import { TaskchainError } from '../../src/errors.js'
import { explain, explainText } from '../../src/explain.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { toDot, toMermaid } from '../../src/plan/inspect/draw/draw.js'
import { planFromJson, planToJson } from '../../src/plan/inspect/plan-json.js'
import { planChain } from '../../src/plan/plan.js'
import { samePlan } from '../../src/plan/inspect/diff-plans.js'

/** What somebody hands us: texts of files, which of them to plan, what to lay over it. */
export interface Attempt {
  readonly files: Readonly<Record<string, string>>
  readonly entry: string | object
  readonly contexts?: readonly ContextSpec[]
  readonly set?: Readonly<Record<string, unknown>>
}

export type Answer =
  | { readonly _tag: 'Planned'; readonly nodes: number }
  | { readonly _tag: 'Refused'; readonly tags: readonly string[] }

/** No message is a book, whatever was put into the config. */
const longestMessage = 20_000

/**
 * Plans as the runtime does, and holds the answer against what is promised: a plan that goes to JSON and back and whose
 * artifacts lie within the store, or
 * tagged errors that can be told in sentences. Throws where it is neither.
 */
export const answerTo = async (project: Project, { files, entry, contexts = [], set }: Attempt): Promise<Answer> => {
  const options: ResolveOptions = {
    contexts,
    globals: project.globals,
    configsFolder: 'configs',
    ...(project.root === undefined ? {} : { root: project.root }),
    ...(set === undefined ? {} : { set }),
  }
  const loaded = await loadDocuments(objectSource(files), entry, options)
  const planned = E.isLeft(loaded)
    ? loaded
    : E.flatMap(E.right(0), () => resolveConfigs(loaded.right, typeof entry === 'string' ? entry : 'config', options))
  // a document map was resolved in the line before
  const outcome = E.isLeft(planned) ? planned : planChain(project, planned.right)
  if (E.isLeft(outcome)) {
    if (outcome.left.length === 0) throw new Error('refused without a reason')
    for (const error of outcome.left) checkExplained(error)
    return { _tag: 'Refused', tags: outcome.left.map(({ _tag }) => _tag) }
  }
  const plan = outcome.right
  for (const warning of plan.warnings) checkExplained(warning)
  for (const node of plan.nodes) {
    checkFolder(addressOf(node).folder)
    if (!/^[0-9a-f]{32}$/.test(node.key)) throw new Error(`a key that is none: ${node.key}`)
  }
  const json = JSON.stringify(planToJson(plan))
  const back = planFromJson(JSON.parse(json))
  if (E.isLeft(back) || !samePlan(back.right, plan)) throw new Error('the plan does not come back from JSON')
  toDot(plan)
  toMermaid(plan)
  return { _tag: 'Planned', nodes: plan.nodes.length }
}

const checkExplained = (error: Parameters<typeof explain>[0]): void => {
  const text = explainText(error)
  if (text === '' || text.length > longestMessage)
    throw new Error(`a message of ${text.length} characters for ${error._tag}`)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text))
    throw new Error(`control characters reach the terminal: ${JSON.stringify(text.slice(0, 300))}`)
  if (explain(error).code !== error._tag) throw new Error('the code is not the tag')
  JSON.stringify(explain(error))
}

/** Whether something is an error that the library owns up to. */
export const isTagged = (error: unknown): boolean =>
  error instanceof TaskchainError &&
  error.errors.length > 0 &&
  error.errors.every(({ _tag }) => typeof _tag === 'string')

/** Nothing may have been added to what everything inherits from. */
export const prototypesAreClean = (): boolean =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype].every(
    (prototype) => Object.keys(prototype).length === 0,
  ) && !('polluted' in {})
