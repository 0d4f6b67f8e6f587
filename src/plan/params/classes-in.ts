import type * as t from 'io-ts'
import type { ObjectType } from '../../declare/object.js'
import type { ObjectDefinition } from '../../declare/object-types.js'
import { toParam } from '../../declare/param.js'

/** A codec with what io-ts keeps in it for introspection. */
type Parts = t.Type<any, any> & {
  readonly _tag?: string
  readonly type?: Parts
  readonly types?: readonly Parts[]
  readonly props?: Readonly<Record<string, Parts>>
  readonly codomain?: Parts
  readonly runDefinition?: () => Parts
}

/**
 * Classes that a codec admits by itself, `object(Ridge)`, and those that their arguments admit; a project need not
 * register them.
 *
 * @example classesIn(t.array(object(Ridge)))   // [Ridge]
 */
export const classesIn = (codec: t.Type<any, any>, seen = new Set<unknown>()): readonly ObjectDefinition[] => {
  if (seen.has(codec)) return []
  seen.add(codec)
  const parts = codec as Parts
  if (parts._tag === 'ObjectType')
    return [...((codec as ObjectType).only?.values() ?? [])].flatMap((definition) => [
      definition,
      ...Object.values(definition.args).flatMap((spec) => classesIn(toParam(spec).codec, seen)),
    ])
  const inside = [parts.type, parts.codomain, ...(parts.types ?? []), ...Object.values(parts.props ?? {})]
  const later = parts._tag === 'RecursiveType' ? parts.runDefinition?.() : undefined
  return [...inside, later].flatMap((part) => (part === undefined ? [] : classesIn(part, seen)))
}
