import type { Errors, ValidationError } from 'io-ts'
import { nearest } from '../../base/suggest.js'
import type { ResolvedValue } from '../../config/config-types.js'
import { limits, tooLarge } from '../../config/limits.js'
import { firstProblem } from '../../declare/codec/codec.js'
import { argumentAt, separateErrors, stepsTo } from '../../declare/codec/codec-errors.js'
import { objectProblemOf } from '../../declare/object.js'
import type { Place, PlanError } from '../../errors.js'
import { placeAt } from '../place-at.js'
import type { At } from './param-reading.js'

/** Errors of a value, each at its own place. */
export const refusedValue = (at: At, value: ResolvedValue, problems: Errors): readonly PlanError[] => {
  if (value.expanded === null) return [refusedNull(at, value)]
  const separate = separateErrors(problems)
  const wrong = separate.slice(0, limits.errors).map((problem) => refusedPart(at, value, problem))
  const next = separate[limits.errors]
  return next === undefined ? wrong : [...wrong, tooLarge('errors', placeAt(value.located, stepsTo(next)))]
}

const refusedNull = (at: At, value: ResolvedValue): PlanError => {
  const { node, param } = at
  const { place } = value.located
  return param.declared.fallback._tag === 'None'
    ? { ...missingParam(at, true), place }
    : {
        _tag: 'InvalidParam',
        place,
        node,
        param: param.name,
        path: '',
        problem:
          'an empty value (null) is accepted only by a nullable codec, ' +
          `this one is ${param.declared.codec.name}; leave the line out to take the default`,
        overriddenBy: overriding(value, place),
      }
}

const refusedPart = (at: At, value: ResolvedValue, error: ValidationError): PlanError => {
  const { node, param, reading } = at
  const { problem } = objectProblemOf([error]) ?? {}
  const { path, message } = firstProblem([error])
  const exact = placeAt(value.located, stepsTo(error))
  if (problem?._tag === 'UnknownClass') {
    const { className, known } = problem
    return {
      _tag: 'UnknownClass',
      place: exact,
      node,
      param: param.name,
      className,
      near: nearest(className, known, 3),
      known: known.length > 0 ? known : [...reading.objects.keys()].sort(),
    }
  }
  if (problem !== undefined) {
    const argument = argumentAt(error)
    const about = {
      ...('className' in problem ? { className: problem.className } : {}),
      ...(argument === undefined ? {} : { argument }),
    }
    return {
      _tag: 'WrongClassArguments',
      place: exact,
      node,
      param: param.name,
      path,
      ...about,
      problem: withoutPath(message, path),
    }
  }
  return {
    _tag: 'InvalidParam',
    place: exact,
    node,
    param: param.name,
    path,
    problem: withPath(message, path),
    overriddenBy: overriding(value, exact),
  }
}

const withoutPath = (message: string, path: string): string =>
  path !== '' && message.endsWith(` at ${path}`) ? message.slice(0, -` at ${path}`.length) : message

const withPath = (message: string, path: string): string =>
  path === '' ? message : `${withoutPath(message, path)} at ${path}`

/** The place in a context that replaced the value, unless that is the place of the error. */
export const overriding = ({ overrides }: ResolvedValue, place: Place): Place | undefined =>
  overrides !== undefined &&
  (overrides.origin !== place.origin || overrides.line !== place.line || overrides.column !== place.column)
    ? overrides
    : undefined

/** The error of a param with a missing or empty value. */
export const missingParam = (
  { node, param, place, config, reading }: At,
  emptyValue: boolean,
): PlanError & { readonly _tag: 'MissingParam' } => {
  const { name, nameInConfig } = param
  const elsewhere = emptyValue ? [] : reading.placesOf(nameInConfig)
  const near = emptyValue ? [] : reading.near(config, nameInConfig)
  return {
    _tag: 'MissingParam',
    place,
    node,
    param: name,
    nameInConfig,
    near,
    elsewhere,
    emptyValue,
    ...(param.declared.secret ? { secret: true } : {}),
  }
}
