import { partsIn, type CodecParts } from '../../declare/codec/codec-parts.js'
import type { ObjectDefinition } from '../../declare/object-types.js'
import { toParam } from '../../declare/param.js'

/**
 * Classes that a codec accepts directly, `object(Ridge)`, and those that their arguments accept; a project need not
 * register them.
 *
 * @example classesIn(t.array(object(Ridge)))   // [Ridge]
 */
export const classesIn = (codec: CodecParts, seen = new Set<unknown>()): readonly ObjectDefinition[] => {
  if (seen.has(codec)) return []
  seen.add(codec)
  if (codec._tag === 'ObjectType')
    return [...(codec.only?.values() ?? [])].flatMap((definition) => [
      definition,
      ...Object.values(definition.args).flatMap((spec) => classesIn(toParam(spec).codec, seen)),
    ])
  return partsIn(codec).flatMap((part) => classesIn(part, seen))
}
