import type * as t from 'io-ts'
import type { ObjectRegistry } from '../object-types.js'

/**
 * A codec with what io-ts, and codecs of ours, keep in it for introspection, which its base type does not show; any of
 * it may be absent.
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
  /** Of a file or a path. */
  readonly kind?: string
  /** Classes that an object may be of. */
  readonly only?: ObjectRegistry | undefined
}

/** Codecs inside of one: of fields, elements, branches, and of what a recursive type stands for. */
export const partsIn = ({ _tag, type, types, props, domain, codomain, runDefinition }: CodecParts): CodecParts[] =>
  [
    _tag === 'RecursiveType' ? runDefinition?.() : type,
    ...(types ?? []),
    ...Object.values(props ?? {}),
    domain,
    codomain,
  ].filter((part) => part !== undefined)
