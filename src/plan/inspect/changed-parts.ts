import { namesOfBoth, own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { sameData } from '../params/encoded.js'

/** One differing part of a value. */
export interface ChangedPart {
  /** `kwargs.l2`; empty for the whole value. */
  readonly path: string
  readonly before: Encoded | undefined
  readonly after: Encoded | undefined
}

/** The differing parts of two values, descending while both are records; the whole value if there are over `most`. */
export const changedParts = (
  before: Encoded | undefined,
  after: Encoded | undefined,
  most = 4,
): readonly ChangedPart[] => {
  const parts: ChangedPart[] = []
  const visit = (path: string, then: Encoded | undefined, now: Encoded | undefined): void => {
    if (sameData(then, now) || parts.length > most) return
    if (!isRecord(then) || !isRecord(now)) return void parts.push({ path, before: then, after: now })
    for (const name of namesOfBoth(now, then))
      visit(path === '' ? name : `${path}.${name}`, own(then, name), own(now, name))
  }
  visit('', before, after)
  return parts.length > most ? [{ path: '', before, after }] : parts
}

const isRecord = (value: Encoded | undefined): value is { readonly [name: string]: Encoded } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
