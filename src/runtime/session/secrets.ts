import type { Param } from '../../declare/param.js'
import { isHiddenDefault, plannedForm } from '../../declare/secret.js'
import { isEncodedList } from '../../plan/params/encoded.js'
import type { Encoded } from '../../declare/types.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import { givenSecrets, textsInParam } from '../../plan/params/given-secrets.js'
import { idleMask, leavesOf, maskOf, type Mask } from '../../plan/params/secret-mask.js'
import type { RunError } from '../../errors.js'
import type { Plan } from '../../plan/plan-types.js'
import type { RunEventBody } from '../ports/events.js'
import type { LogLine } from '../ports/log.js'
import { maxNoted, plainData } from '../run-info/plain-data.js'

/** The secrets of a session: learnt from plans before anything runs, and from params when they are decoded. */
export interface Secrets {
  /** Learns the secrets that a plan's nodes are given or refer to, so that nodes which run earlier hide them too. */
  readonly learnPlan: (index: ProjectIndex, plan: Plan) => void
  /** Learns all texts in a value. */
  readonly learn: (value: unknown) => void
  /** Hides the secrets learnt so far. */
  readonly mask: () => Mask
  /** The same for a text that is about to be written. */
  readonly hide: (text: string) => string
}

/** An error with secrets hidden in its texts; names and keys stay. */
export const hiddenIn = (error: RunError, mask: Mask): RunError => {
  if (mask.idle) return error
  const shown = error._tag === 'WrongResult' || error._tag === 'FileChanged' ? [...textFields, 'path'] : textFields
  const hidden = Object.entries<unknown>(error).filter(([field]) => shown.includes(field))
  return Object.assign({ ...error }, Object.fromEntries(hidden.map(([field, value]) => [field, mask.value(value)])))
}

const textFields = ['cause', 'problem', 'reason', 'hint']

/** An event of a node that is computed elsewhere, where fewer secrets may be known than here; names and keys stay. */
export const hiddenEvent = (event: RunEventBody, mask: Mask): RunEventBody => {
  switch (event._tag) {
    case 'retrying':
      return { ...event, problem: mask.text(event.problem) }
    case 'missed':
      return { ...event, reason: mask.text(event.reason) }
    default:
      return event
  }
}

/** A log line that comes from elsewhere. */
export const hiddenLine = (line: LogLine, mask: Mask): LogLine =>
  mask.idle
    ? line
    : {
        ...line,
        message: mask.text(String(line.message)),
        ...(line.details === undefined ? {} : { details: mask.value(line.details) }),
      }

/** Notes as the run info has them: plain data, without hidden fields. */
export const hiddenNotes = (notes: readonly unknown[], mask: Mask): readonly unknown[] =>
  mask.idle || notes.length === 0 ? notes : mask.value([plainData(notes, maxNoted)].flat())

/** Collects the texts of secrets; they are kept in this process only. */
export const makeSecrets = (environment: Readonly<Record<string, string | undefined>> = process.env): Secrets => {
  const texts = new Set<string>()
  const plans = new WeakSet<Plan>()
  let made: Mask = idleMask
  let count = 0
  const add = (found: readonly string[]): void => found.forEach((text) => texts.add(text))
  const secrets: Secrets = {
    learnPlan: (index, plan) => {
      if (plans.has(plan)) return
      plans.add(plan)
      for (const node of plan.nodes) {
        const given = givenSecrets(node)
        for (const { name, declared, nameInConfig } of index.entries.get(node.task)?.params ?? []) {
          if (given !== undefined && Object.hasOwn(given, name))
            add(textsInParam(index, nameInConfig, given[name], environment))
          add(referredIn(node.params[name], environment, declared.secret))
          if (declared.secret) add(hiddenDefault(node.params[name], declared))
        }
      }
    },
    learn: (value) => add(leavesOf(value)),
    hide: (text) => secrets.mask().text(text),
    mask: () => {
      if (texts.size !== count) {
        made = maskOf(texts)
        count = texts.size
      }
      return made
    },
  }
  return secrets
}

/** Texts of a default, if it is used. */
const hiddenDefault = (planned: Encoded | undefined, { fallback }: Param<unknown>): readonly string[] =>
  fallback._tag === 'Some' && plannedForm(planned)?.default === true
    ? leavesOf(fallback.value).filter(isHiddenDefault)
    : []

/** Texts of variables that a plan's value refers to: `{ secret: true, env: NAME }`, in objects too. */
const referredIn = (
  value: Encoded | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  isSecret: boolean,
): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  const { secret, env } = isEncodedList(value) ? {} : value
  if (secret === true && typeof env === 'string')
    return Object.hasOwn(environment, env) && environment[env] !== undefined ? [environment[env]] : []
  return isSecret ? [] : Object.values<Encoded>(value).flatMap((part) => referredIn(part, environment, false))
}
