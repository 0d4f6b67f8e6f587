import * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { recordIn } from '../../runtime/items/item-record.js'
import type { ItemLine } from '../../runtime/ports/items.js'
import { isNewer } from '../file-store/items/item-line.js'

/** Which lines of items stores share, and how lines of one key relate. */

type Head = Pick<ItemLine, 'kind' | 'at'>

/** The later of two lines counts; a line that is not later than one here does not replace it. */
export const isLater = (line: Head, here: Head): boolean => !isNewer(here, line)

/** Clocks of machines differ, but not by more. */
const ahead = 86_400_000

/**
 * Whether a line of a shared store counts here: results, batches under way, and lists of requested items. What was
 * forgotten or has failed there says nothing about this store. Nor does a line of the future, which nothing could
 * replace.
 */
export const counts = (line: Head & { readonly text?: string }): boolean =>
  line.at <= Date.now() + ahead && isShared(line)

/** A batch whose submission may still fail is known only to the process that submits it. */
export const isShared = ({ kind, text }: Head & { readonly text?: string }): boolean =>
  kind === 'kept' ||
  kind === 'asked' ||
  (kind === 'batch' && (text === undefined || recordIn(text)?.batch?.state !== 'submitting'))

const Result = t.partial({ value: t.unknown, code: t.unknown })

/** Compares two stored results of a key: `same` value, `other code`, or a `different` value by the same code. */
export const compared = (one: string, other: string): 'same' | 'other code' | 'different' => {
  const [left, right] = [readJsonText(Result, one), readJsonText(Result, other)]
  if (JSON.stringify(left?.value) === JSON.stringify(right?.value)) return 'same'
  return left?.code === right?.code ? 'different' : 'other code'
}
