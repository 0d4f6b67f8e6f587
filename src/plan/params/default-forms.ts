import * as E from 'fp-ts/lib/Either.js'
import { firstProblem } from '../../declare/codec/codec.js'
import { encodeForPlan, objectProblemOf, type ObjectRegistry } from '../../declare/object.js'
import type { Encoded } from '../../declare/types.js'
import type { IndexedParam } from '../names/project-index.js'
import { encode, inWords, whole } from './encode-param.js'
import { holdsObject, sameData, type EncodingProblem } from './encoded.js'
import type { At, Forms, ParamReading } from './param-reading.js'
import { missingParam } from './refused-value.js'

/** Defaults are encoded once per param; one that its own codec rejects is an error of the declaration. */
const defaults = new WeakMap<IndexedParam, E.Either<EncodingProblem | RefusedDefault, Forms>>()

/** `because`: the problem of an object's argument, if that is the reason. */
interface RefusedDefault {
  readonly refused: true
  readonly because: string
}

const defaultForms = (
  param: IndexedParam,
  { objects, files }: ParamReading,
): E.Either<EncodingProblem | RefusedDefault, Forms> | undefined => {
  const { fallback, codec } = param.declared
  if (fallback._tag === 'None') return undefined
  const known = defaults.get(param)
  if (known !== undefined) return known
  const asked = files.count()
  const encoded: E.Either<EncodingProblem | RefusedDefault, Forms> = encode(codec, fallback.value, objects, 'marked')
  const forms = E.chain((made: Forms): E.Either<EncodingProblem | RefusedDefault, Forms> => {
    const refused = refusalOf(codec, fallback.value, made.encoded, objects)
    return refused === undefined ? E.right(made) : E.left(refused)
  })(encoded)
  if (files.count() === asked) defaults.set(param, forms) // a file's content may differ next time
  return forms
}

/** Why a codec rejects its own encoded default (with the secrets that plans omit); undefined if it accepts it. */
const refusalOf = (
  codec: IndexedParam['declared']['codec'],
  fallback: unknown,
  encoded: Encoded,
  objects: ObjectRegistry,
): RefusedDefault | undefined => {
  try {
    const outcome = whole(
      codec,
      holdsObject(encoded) ? encodeForPlan(codec, fallback, objects, false, 'shown') : encoded,
      objects,
    )
    if (E.isRight(outcome)) return undefined
    const problem = objectProblemOf(outcome.left)
    return { refused: true, because: problem === undefined ? '' : `: ${firstProblem([problem.error]).message}` }
  } catch {
    return { refused: true, because: '' }
  }
}

/** Whether a value is the declared default, as far as keys see it. */
export const isDefault = (param: IndexedParam, forKey: Encoded | undefined, reading: ParamReading): boolean => {
  const made = defaultForms(param, reading)
  reading.files.taken() // discarded: the default is only compared, so its missing files are no errors
  return made !== undefined && E.isRight(made) && sameData(made.right.forKey, forKey)
}

/** The forms of a default used in place of a value; undefined if there is none or it is invalid. */
export const formsOfDefault = (at: At): Forms | undefined => {
  const { param } = at
  const made = defaultForms(param, at.reading)
  if (made === undefined) at.errors.push(missingParam(at, false))
  else if (E.isRight(made)) return made.right
  else if ('refused' in made.left)
    at.errors.push({
      _tag: 'InvalidParam',
      place: at.place,
      node: at.node,
      param: param.name,
      path: '',
      problem: `its codec does not accept its own default (${param.declared.codec.name})${made.left.because}`,
      overriddenBy: undefined,
    })
  else
    at.errors.push({
      _tag: 'UnencodableParam',
      place: undefined,
      node: at.node,
      param: param.name,
      problem: `its default: ${inWords(made.left)}`,
    })
  return undefined
}
