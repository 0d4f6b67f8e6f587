import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { oncePer } from '../../base/once-per.js'
import { fieldOf } from '../../base/records.js'
import type { ConfigValue } from '../../config/config-types.js'
import type { Globals } from '../../config/globals.js'
import { expandValue } from '../../config/placeholders.js'
import type { Environment } from '../../declare/codec/codec-mode.js'
import { isPlainCodec } from '../../declare/codec/plain-codec.js'
import type { ObjectContext } from '../../declare/object-types.js'
import { encodeForPlan, whileDecoding, type ObjectRegistry } from '../../declare/object.js'
import { isParam, toParam, type Param } from '../../declare/param.js'
import { findSecret, notTaken } from '../../declare/secret.js'
import type { Task } from '../../declare/task.js'
import type { Encoded } from '../../declare/types.js'
import type { Origin, Plan, PlanNode } from '../plan-types.js'
import { holdsObject, sameData, toEncoded } from './encoded.js'

/** The environment of a run that plans do not contain: it differs between machines and processes. */
export interface RunSurroundings {
  readonly objects: ObjectRegistry
  /** Values of placeholders. */
  readonly globals: Globals
  /** Where references to secrets are looked up. */
  readonly environment: Environment
  /** An absolute path. */
  readonly resolvePath: (path: string) => string
  /** Passed to `create` of objects. */
  readonly context: ObjectContext
  /** Called with every value of a secret. */
  readonly secretMet: (value: unknown) => void
  /** Files that match a pattern, absolute and sorted. */
  readonly filesOf: ((pattern: string) => readonly string[]) | undefined
  /** Called with the request of every digest, paths resolved, and its value in the plan. */
  readonly fileMet: ((path: string, sha256: string) => void) | undefined
}

/** A param that could not be created, and the thrown error, which may contain a secret. */
export interface RefusedParam {
  readonly param: string
  readonly thrown: unknown
}

/**
 * Creates the params that `run` receives from their planned values: expands placeholders, resolves paths, looks up
 * secrets, creates objects. Nothing else decodes planned values.
 */
export const paramsOf = (
  { plan, node }: { readonly plan: Pick<Plan, 'origins'>; readonly node: PlanNode },
  given: Readonly<Record<string, ConfigValue>> | undefined,
  task: Task,
  surroundings: RunSurroundings,
): E.Either<RefusedParam, Readonly<Record<string, unknown>>> => {
  const plain = given === undefined ? plainValues(node, task) : undefined
  if (plain !== undefined) return E.right(plain)
  const { objects, globals, context, environment, resolvePath, filesOf, fileMet, secretMet } = surroundings
  const expand = (value: unknown): unknown => expandValue(value as ConfigValue, globals) // codecs encode to plain data
  const tools = { expand, environment, resolvePath, filesOf, fileMet, secretMet }
  return whileDecoding(objects, context, tools, (decoded) => {
    const values: Record<string, unknown> = {}
    for (const [param, spec] of Object.entries(task.declaration.params)) {
      const declared = toParam(spec)
      const value = node.params[param]
      try {
        values[param] = declared.secret
          ? secretOf(declared, given?.[param], value, { ...tools, decoded })
          : decoded(
              declared.codec,
              given?.[param] ??
                expand(shownDefault(objects, declared, value, () => plan.origins[node.id]?.[param]) ?? value),
            )
      } catch (thrown) {
        return E.left({ param, thrown })
      }
    }
    return E.right(values)
  })
}

/** The values themselves, where decoding would change nothing: texts without placeholders, numbers and truth values. */
const plainValues = (
  { params }: Pick<PlanNode, 'params'>,
  { declaration }: Task,
): Readonly<Record<string, unknown>> | undefined => {
  const values: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(declaration.params)) {
    const isFull = isParam(spec)
    const codec = isFull ? spec.codec : spec
    const value = params[name]
    if ((isFull && spec.secret) || !isOfOneKind(codec) || !codec.is(value)) return undefined
    if (typeof value === 'string' && value.includes('{')) return undefined
    values[name] = value
  }
  return values
}

const isOfOneKind = oncePer(
  (codec: t.Type<any, any>): boolean => kinds.has(fieldOf(codec, '_tag')) && isPlainCodec(codec),
)
const kinds: ReadonlySet<unknown> = new Set(['StringType', 'NumberType', 'BooleanType'])

interface Reading extends Pick<RunSurroundings, 'environment' | 'secretMet'> {
  readonly decoded: (codec: Param<unknown>['codec'], value: unknown) => unknown
  readonly expand: (value: unknown) => unknown
}

/** The secret that the config gave in this process, else the one the plan refers to. Errors do not show the value. */
const secretOf = (
  { codec, fallback }: Param<unknown>,
  given: unknown,
  planned: unknown,
  { decoded, expand, environment, secretMet }: Reading,
): unknown => {
  const found = given === undefined ? findSecret(planned, environment, true) : findSecret(given, undefined, false)
  if (found._tag !== 'Found' && (found._tag !== 'Default' || fallback._tag === 'None'))
    throw new Error(found._tag === 'Refused' ? found.problem : 'the secret has no value')
  if (found._tag === 'Found') secretMet(found.raw)
  try {
    if (found._tag !== 'Found')
      return decoded(codec, expand(codec.encode(fallback._tag === 'Some' ? fallback.value : undefined)))
    const value = decoded(codec, found.raw)
    secretMet(value) // before decoding, since a codec may split it
    return value
  } catch {
    // the original error may show the value
    throw new Error(notTaken(codec, found._tag === 'Found' ? found.form : { secret: true }))
  }
}

/**
 * A default with objects, including their secret arguments, which plans do not contain; undefined if a config sets the
 * value, or the plan has another default.
 */
const shownDefault = (
  objects: ObjectRegistry,
  { codec, fallback }: Param<unknown>,
  planned: Encoded | undefined,
  origin: () => Origin | undefined,
): unknown => {
  if (fallback._tag === 'None' || planned === undefined || !holdsObject(planned) || origin() !== undefined)
    return undefined
  const encoded = toEncoded(encodeForPlan(codec, fallback.value, objects, false, 'marked'))
  return encoded._tag === 'Encoded' && sameData(encoded.value, planned)
    ? encodeForPlan(codec, fallback.value, objects, false, 'shown')
    : undefined
}
