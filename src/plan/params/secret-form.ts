import { nearest } from '../../base/suggest.js'
import type { ConfigValue, Located, ResolvedValue } from '../../config/config-types.js'
import { readSecret, referenceOf } from '../../declare/secret.js'
import type { Encoded } from '../../declare/types.js'
import type { Place, PlanWarning } from '../../errors.js'
import { frozenData } from './encoded.js'
import type { At } from './param-reading.js'
import { missingParam, overriding } from './refused-value.js'

/**
 * A secret as shown in plan and run info, with the value that the config contains directly; undefined if it is invalid.
 * Errors and warnings about it never show the value.
 */
export const secretForm = (
  at: At,
  value: ResolvedValue | undefined,
): { readonly encoded: Encoded; readonly given: ConfigValue | undefined } | undefined => {
  const { node, param, reading, errors } = at
  const { codec, fallback } = param.declared
  if (value === undefined) {
    if (fallback._tag === 'Some') return { encoded: defaultSecret, given: undefined }
    errors.push(missingParam(at, false))
    return undefined
  }
  const { place } = value.located
  const read = readSecret(codec, value.expanded, reading.environment, false)
  reading.files.taken() // discarded: the key does not depend on secrets
  if (read._tag === 'Read' || read._tag === 'Unread') {
    const encoded = frozenData({ ...read.form })
    return { encoded, given: read._tag === 'Read' && read.direct ? value.expanded : undefined }
  }
  if (read._tag === 'Default') return undefined // occurs only in plans
  if (read.variable !== undefined && read.form !== undefined) {
    reading.warn(missingVariable(at, place, read.variable)) // only a run needs it
    return { encoded: frozenData({ ...read.form }), given: undefined }
  }
  if (value.expanded === null) errors.push({ ...missingParam(at, true), place })
  else
    errors.push({
      _tag: 'InvalidParam',
      place,
      node,
      param: param.name,
      path: '',
      problem: read.problem,
      overriddenBy: overriding(value, place),
    })
  return undefined
}

const defaultSecret: Encoded = Object.freeze({ default: true, secret: true })

/** The warning about an unset variable that a secret refers to. */
export const missingVariable = ({ node, param, reading }: At, place: Place, variable: string): PlanWarning => {
  const names = Object.keys(reading.environment ?? {})
  return {
    _tag: 'MissingVariable',
    place,
    node,
    param: param.name,
    variable,
    empty: reading.environment?.[variable] === '',
    near: nearest(variable, names, 3),
  }
}

/** The place in a value that refers to a variable. */
export const placeOfReference = (located: Located, variable: string): Place | undefined => {
  if (referenceOf(located.value) === variable) return located.place
  for (const part of located.parts?.values() ?? []) {
    const found = placeOfReference(part, variable)
    if (found !== undefined) return found
  }
  return undefined
}
