import type * as t from 'io-ts'
import type { ObjectRegistry } from '../object-types.js'

/**
 * A codec with the fields that io-ts and our own codecs keep for introspection, which its base type does not show; any
 * of them may be absent.
 */
export interface CodecParts extends t.Type<any, any> {
  readonly _tag?: string
  readonly type?: CodecParts
  readonly types?: readonly CodecParts[]
  readonly props?: Readonly<Record<string, CodecParts>>
  readonly keys?: Readonly<Record<string, unknown>>
  readonly value?: unknown
  readonly domain?: CodecParts
  readonly codomain?: CodecParts
  readonly runDefinition?: () => CodecParts
  /** Of a file or path codec. */
  readonly kind?: string
  /** Classes that an object codec admits. */
  readonly only?: ObjectRegistry | undefined
}

/** Codecs inside a codec: of fields, elements, branches, and the definition of a recursive type. */
export const partsIn = ({ _tag, type, types, props, domain, codomain, runDefinition }: CodecParts): CodecParts[] =>
  [
    _tag === 'RecursiveType' ? runDefinition?.() : type,
    ...(types ?? []),
    ...Object.values(props ?? {}),
    domain,
    codomain,
  ].filter((part) => part !== undefined)
