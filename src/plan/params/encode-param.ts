import * as E from 'fp-ts/lib/Either.js'
import type { Validation } from 'io-ts'
import { surplusOf } from '../../declare/codec/tuple-surplus.js'
import { decodeForPlan, encodeForPlan, type ObjectRegistry } from '../../declare/object.js'
import type { IndexedParam } from '../names/project-index.js'
import { holdsObject, sameData, toEncoded, type EncodingProblem } from './encoded.js'
import type { Forms } from './param-reading.js'
import { messageOf } from '../../base/thrown.js'

type Codec = IndexedParam['declared']['codec']

/** Decodes a value; lists that the codec would truncate are errors. */
export const whole = (codec: Codec, value: unknown, objects: ObjectRegistry): Validation<unknown> => {
  const decoded = decodeForPlan(codec, value, objects)
  const surplus = surplusOf(codec, value, [{ key: '', type: codec, actual: value }])
  return surplus.length === 0 ? decoded : E.left(E.isLeft(decoded) ? [...decoded.left, ...surplus] : [...surplus])
}

/** The same; an exception of the codec is an error, too. */
export const decode = (codec: Codec, value: unknown, objects: ObjectRegistry): Validation<unknown> => {
  try {
    return whole(codec, value, objects)
  } catch (cause) {
    return E.left([{ value, context: [], message: `its codec threw: ${messageOf(cause)}` }])
  }
}

/** The forms of a decoded value, or the part of it that plans cannot contain. */
export const encode = (
  codec: Codec,
  value: unknown,
  objects: ObjectRegistry,
  secrets?: 'marked',
): E.Either<EncodingProblem, Forms> => {
  try {
    const outcome = toEncoded(encodeForPlan(codec, value, objects, false, secrets))
    if (outcome._tag === 'Refused') return E.left(outcome)
    if (!holdsObject(outcome.value)) return E.right({ encoded: outcome.value, forKey: outcome.value })
    const forKey = toEncoded(encodeForPlan(codec, value, objects, true))
    if (forKey._tag === 'Refused') return E.left(forKey)
    return E.right({
      encoded: outcome.value,
      forKey: sameData(outcome.value, forKey.value) ? outcome.value : forKey.value,
    })
  } catch (cause) {
    return E.left({ path: '', problem: `its codec threw: ${messageOf(cause)}` })
  }
}

export const inWords = ({ path, problem }: EncodingProblem): string => (path === '' ? problem : `${problem} at ${path}`)
