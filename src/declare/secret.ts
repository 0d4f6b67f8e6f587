import type * as t from 'io-ts'
import type { Environment } from './codec/codec-mode.js'
import { isObject, tagOf } from '../base/records.js'

/**
 * How a secret appears in plans, run infos and documents: that there is one and where it comes from, never its value.
 */
export interface SecretForm {
  readonly secret: true
  /** The environment variable that holds it. */
  readonly env?: string
  /** Set if the declaration's default is used. */
  readonly default?: true
}

/** The outcome of reading a secret. */
export type SecretReading =
  /** `raw`: as given by the config or the environment; `direct`: the config contains the value itself. */
  | {
      readonly _tag: 'Read'
      readonly value: unknown
      readonly raw: unknown
      readonly form: SecretForm
      readonly direct: boolean
    }
  /** A reference, but no environment to look it up in. */
  | { readonly _tag: 'Unread'; readonly form: SecretForm }
  | { readonly _tag: 'Default' }
  /** `variable`: the one that is not set. */
  | {
      readonly _tag: 'Refused'
      readonly problem: string
      readonly variable: string | undefined
      readonly form?: SecretForm
    }

/** The variable that `{ env: NAME }` refers to; undefined for anything else. */
export const referenceOf = (given: unknown): string | undefined => {
  if (!isObject(given)) return undefined
  const { env, ...rest } = given
  return typeof env === 'string' && env !== '' && Object.keys(rest).length === 0 ? env : undefined
}

/** Whether a secret default is hidden. Short ones are words like 'none', which reveal nothing and occur everywhere. */
export const isHiddenDefault = (value: unknown): boolean => typeof value === 'string' && value.length >= shortestHidden

const shortestHidden = 8

/** A secret as stored in a plan. */
export const plannedForm = (given: unknown): SecretForm | undefined => (isSecretForm(given) ? given : undefined)

const isSecretForm = (given: unknown): given is SecretForm => isObject(given) && given['secret'] === true

/** A secret's value before decoding. */
export type FoundSecret =
  | { readonly _tag: 'Found'; readonly raw: unknown; readonly form: SecretForm; readonly direct: boolean }
  | Exclude<SecretReading, { readonly _tag: 'Read' }>

/** Looks a secret up from its config form or, with `fromPlan`, from its form in a plan. */
export const findSecret = (given: unknown, environment: Environment | undefined, fromPlan: boolean): FoundSecret => {
  const planned = fromPlan ? plannedForm(given) : undefined
  if (planned?.default === true) return { _tag: 'Default' }
  const variable = planned === undefined ? referenceOf(given) : planned.env
  if (planned !== undefined && variable === undefined)
    return refused('its value was given directly, and plans hold no secrets: refer to a variable, { env: NAME }')
  if (variable === undefined) return { _tag: 'Found', raw: given, form: { secret: true }, direct: true }
  const form: SecretForm = { secret: true, env: variable }
  if (environment === undefined) return { _tag: 'Unread', form }
  const text = Object.hasOwn(environment, variable) ? environment[variable] : undefined
  if (text === undefined || text === '')
    return {
      _tag: 'Refused',
      problem: `the environment variable ${variable} is ${text === undefined ? 'not set' : 'empty'}`,
      variable,
      form,
    }
  return { _tag: 'Found', raw: text, form, direct: false }
}

/**
 * Looks a secret up and decodes it. Messages never show the value.
 *
 * @example readSecret(t.string, { env: 'API_KEY' }, process.env, false)
 */
export const readSecret = (
  codec: t.Type<any, any>,
  given: unknown,
  environment: Environment | undefined,
  fromPlan: boolean,
): SecretReading => {
  const found = findSecret(given, environment, fromPlan)
  if (found._tag !== 'Found') return found
  const { raw, form, direct } = found
  try {
    const outcome = codec.decode(raw)
    return outcome._tag === 'Left'
      ? refused(notTaken(codec, form))
      : { _tag: 'Read', value: outcome.right, raw, form, direct }
  } catch {
    return refused(notTaken(codec, form))
  }
}

/** The message for a secret that its codec refuses. */
export const notTaken = (codec: t.Type<any, any>, form: SecretForm): string =>
  `its codec, ${codec.name.slice(0, 80)}, does not take ` +
  `${form.env === undefined ? 'its value' : `the text of ${form.env}`}, which is secret and not shown`

const refused = (problem: string): SecretReading & { readonly _tag: 'Refused' } => ({
  _tag: 'Refused',
  problem,
  variable: undefined,
})

/** Takes the place of an object's secret argument while planning. */
export class PlannedSecret {
  readonly _tag = 'PlannedSecret'
  readonly form: SecretForm
  constructor(form: SecretForm) {
    this.form = form
    Object.freeze(this)
  }
}

const isPlannedSecret = (value: unknown): value is PlannedSecret => tagOf(value) === 'PlannedSecret'

/** The form in which a secret argument enters the plan. `fallback`: the declaration's default, if any. */
export const secretFormOf = (value: unknown, fallback: { readonly value: unknown } | undefined): SecretForm => {
  if (isPlannedSecret(value)) return value.form
  return fallback !== undefined && fallback.value === value ? { secret: true, default: true } : { secret: true }
}
