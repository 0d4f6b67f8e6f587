import type { Encoded } from '../../declare/types.js'
import { placeText } from '../../explain/words.js'
import type { ChangedPart } from '../../plan/inspect/changed-parts.js'
import { printEncoded } from '../../plan/inspect/print-plan.js'
import type { Origin } from '../../plan/plan-types.js'
import { cut, oneLine } from './text-width.js'

/** The wording of differences that `why` and `diff` share. */

/** A value in one line, shortened. */
export const valueText = (value: Encoded | undefined): string =>
  value === undefined ? 'none' : cut(oneLine(printEncoded(value)), 80)

/** `model.kwargs.l2`: a path inside a param. */
export const partName = (param: string, { path }: ChangedPart): string => (path === '' ? param : `${param}.${path}`)

/** Where a value comes from; if a context sets it, that place first. */
export const originText = (origin: Origin | undefined): string => {
  if (origin === undefined) return 'the default of the param'
  const place = placeText(origin.place)
  const over = origin.overrides === undefined ? undefined : placeText(origin.overrides)
  return over === undefined || over === place ? place : `${over}, over ${place}`
}

/** The first names of a list, and the number of the rest. */
export const firstOf = (names: readonly string[], most: number): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
