import * as E from 'fp-ts/lib/Either.js'
import type { ConfigValue, ResolvedValue } from '../../config/config-types.js'
import type { Encoded } from '../../declare/types.js'
import { decode, encode, inWords } from './encode-param.js'
import { holdsObject, sameData, toEncoded, type EncodingProblem } from './encoded.js'
import type { At, Forms } from './param-reading.js'
import { plainClasses } from './plain-classes.js'
import { refusedValue } from './refused-value.js'

/** The forms of a config value; undefined if it is invalid. */
export const formsOfValue = (at: At, value: ResolvedValue): Forms | undefined => {
  const { param, reading } = at
  const { codec } = param.declared
  reading.spelling.report()
  const decoded = decode(codec, value.expanded, reading.objects)
  reading.spelling.report(value.located)
  if (E.isLeft(decoded)) {
    for (const error of refusedValue(at, value, decoded.left)) at.errors.push(error)
    return undefined
  }
  if (typeof value.expanded === 'object')
    for (const warning of plainClasses(value.located, decoded.right, reading.objects, param.name)) reading.warn(warning)
  const forms =
    value.unexpanded === value.expanded
      ? encode(codec, decoded.right, reading.objects)
      : unexpandedForms(at, value, decoded.right)
  if (E.isRight(forms)) return forms.right
  at.errors.push({
    _tag: 'UnencodableParam',
    place: value.located.place,
    node: at.node,
    param: param.name,
    problem: inWords(forms.left),
  })
  return undefined
}

/**
 * Encoded by the codec if it accepts the text with placeholders and keeps them. Else expanded if it has secrets or
 * objects with another form in the key; else as written in the config, with the digests of its files.
 */
const unexpandedForms = (
  at: At,
  { unexpanded }: ResolvedValue,
  expanded: unknown,
): E.Either<EncodingProblem, Forms> => {
  const { files, secretsMet, objects } = at.reading
  const { codec } = at.param.declared
  // the expanded value passed to `run` must be encodable in any case
  const checked = encode(codec, expanded, objects)
  files.taken()
  if (E.isLeft(checked)) return checked
  const secrets = secretsMet()
  const decoded = decode(codec, unexpanded, objects)
  const forms = E.isRight(decoded) ? encode(codec, decoded.right, objects) : undefined
  if (forms !== undefined && E.isRight(forms) && keepsPlaceholders(unexpanded, forms.right.encoded)) return forms
  files.taken()
  const inFull = encode(codec, expanded, objects)
  if (
    secretsMet() > secrets ||
    (E.isRight(inFull) && holdsObject(inFull.right.encoded) && !sameData(inFull.right.encoded, inFull.right.forKey))
  )
    return inFull
  const digests = files.taken().map(({ digest }) => ('sha256' in digest ? digest.sha256 : null))
  const written = asWritten(unexpanded)
  return digests.length === 0
    ? written
    : E.map(({ encoded }: Forms): Forms => ({ encoded, forKey: { written: encoded, sha256: digests } }))(written)
}

/** A codec may read `{YEAR}-01-01` as some date; then only the text as written can be expanded later. */
const keepsPlaceholders = (before: Encoded, after: Encoded): boolean => {
  const kept = placeholdersIn(after)
  return placeholdersIn(before).every((placeholder) => {
    const found = kept.indexOf(placeholder)
    if (found >= 0) kept.splice(found, 1)
    return found >= 0
  })
}

const placeholdersIn = (value: Encoded): string[] => {
  if (typeof value === 'string') return value.match(/\{[^{}\s]{1,100}\}/g) ?? []
  return typeof value === 'object' && value !== null ? Object.values<Encoded>(value).flatMap(placeholdersIn) : []
}

const asWritten = (value: ConfigValue): E.Either<EncodingProblem, Forms> => {
  const outcome = toEncoded(value)
  return outcome._tag === 'Refused' ? E.left(outcome) : E.right({ encoded: outcome.value, forKey: outcome.value })
}
