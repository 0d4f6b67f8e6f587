import type { Encoded } from '../declare/types.js'
import type { ProjectIndex } from '../plan/index-project.js'
import { givenSecrets, textsInParam } from '../plan/given-secrets.js'
import { idleMask, leavesOf, maskOf, type Mask } from '../plan/mask.js'
import type { RunError } from '../errors.js'
import type { Plan } from '../plan/types.js'

/** The secrets of a session: learnt from plans before anything runs, and from params when they are decoded. */
export interface Secrets {
  /** Learns what a plan's nodes are given or refer to, so that nodes which run earlier hide it too. */
  readonly learnPlan: (index: ProjectIndex, plan: Plan) => void
  /** Learns all texts in a value. */
  readonly learn: (value: unknown) => void
  /** Hides what was learnt so far. */
  readonly mask: () => Mask
}

/** An error with secrets hidden in what it says; names and keys stay. */
export const hiddenIn = (error: RunError, mask: Mask): RunError => {
  if (mask.idle) return error
  const shown: Record<string, unknown> = { ...error }
  for (const field of error._tag === 'WrongResult' ? ['path', 'problem', 'hint'] : ['cause', 'problem', 'reason']) if (field in shown) shown[field] = mask.value(shown[field])
  return shown as unknown as RunError // the same fields, texts hidden
}

/** Values of secrets by what they stand for; kept in this process only. */
export const makeSecrets = (environment: Readonly<Record<string, string | undefined>> = process.env): Secrets => {
  const texts = new Set<string>()
  const plans = new WeakSet<Plan>()
  let made: Mask = idleMask
  let count = 0
  const add = (found: readonly string[]): void => found.forEach((text) => texts.add(text))
  return {
    learnPlan: (index, plan) => {
      if (plans.has(plan)) return
      plans.add(plan)
      for (const node of plan.nodes) {
        const given = givenSecrets(node)
        for (const { name, declared, nameInConfig } of index.entries.get(node.task)?.params ?? []) {
          if (given !== undefined && Object.hasOwn(given, name)) add(textsInParam(index, nameInConfig, given[name], environment))
          add(referredIn(node.params[name], environment, declared.secret))
        }
      }
    },
    learn: (value) => add(leavesOf(value)),
    mask: () => {
      if (texts.size !== count) {
        made = maskOf(texts)
        count = texts.size
      }
      return made
    },
  }
}

/** Texts of variables that a plan's value refers to: `{ secret: true, env: NAME }`, in objects too. */
const referredIn = (value: Encoded | undefined, environment: Readonly<Record<string, string | undefined>>, isSecret: boolean): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  const { secret, env } = value as { readonly secret?: unknown; readonly env?: unknown }
  if (secret === true && typeof env === 'string') return Object.hasOwn(environment, env) && environment[env] !== undefined ? [environment[env]] : []
  return isSecret ? [] : Object.values(value).flatMap((part) => referredIn(part as Encoded, environment, false))
}
