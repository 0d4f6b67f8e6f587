import { createHash } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { ItemSet } from '../../../runtime/ports/items.js'
import { setEnding } from '../../file-store/items/file-items.js'
import type { Signing } from '../contents/signature.js'

/**
 * Lines of items as objects, `i/<folder>/<set>.set/<writer>.<from>-<to>`: bytes `from` to `to` of the lines of one
 * writer. Writers replace several small ranges with a larger one, so a range that another one of its writer covers does
 * not count.
 */

export const allItems = 'i/'
export const itemsFolder = ({ folder, name }: ItemSet): string => `${folder}/${name}${setEnding}`
export const itemsPrefix = (set: ItemSet): string => `${allItems}${itemsFolder(set)}/`

/** A range of the lines that one writer has added to a set. */
export interface ItemRange {
  readonly writer: string
  readonly from: number
  readonly to: number
}

export const rangeName = ({ writer, from, to }: ItemRange): string => `${writer}.${from}-${to}`

const form = /^([0-9a-z-]{1,150})\.(\d{1,15})-(\d{1,15})$/

/** Undefined for any other name. */
export const rangeIn = (name: string): ItemRange | undefined => {
  const [, writer = '', from, to] = form.exec(name) ?? []
  return to === undefined ? undefined : { writer, from: Number(from), to: Number(to) }
}

export const covers = (one: ItemRange, other: ItemRange): boolean =>
  one.writer === other.writer && one.from <= other.from && one.to >= other.to

/** Ranges that no other one covers. */
export const uncovered = <Range extends ItemRange>(ranges: readonly Range[]): readonly Range[] => {
  const inOrder = ranges.toSorted(
    (one, other) =>
      (one.writer < other.writer ? -1 : one.writer > other.writer ? 1 : 0) ||
      one.from - other.from ||
      other.to - one.to,
  )
  let last: Range | undefined
  return inOrder.filter((range) => {
    if (last !== undefined && covers(last, range)) return false
    last = range
    return true
  })
}

/** An object: a line that identifies it, a line with its signature or an empty one, and the lines of items. */
export const sealed = (signing: Signing, name: string, lines: Uint8Array): Buffer => {
  const head = signing.sign(JSON.stringify({ schema: 1, name, digest: digestOf(lines) }))
  return Buffer.concat([Buffer.from(head.includes('\n') ? `${head}\n` : `${head}\n\n`), lines])
}

/**
 * Lines of items in an object, or the reason why they do not count if no trusted writer has signed them. Without
 * trusted keys only the checksum of each line is verified.
 */
export const unsealed = (signing: Signing, name: string, object: Uint8Array): E.Either<string, Uint8Array> => {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength)
  const first = bytes.indexOf(10)
  const second = bytes.indexOf(10, first + 1)
  if (first === -1 || second === -1) return E.left('it is not an object of items')
  const lines = bytes.subarray(second + 1)
  const [head = '', signature = ''] = bytes.toString('utf8', 0, second).split('\n')
  const signed = signing.check(signature === '' ? head : `${head}\n${signature}`)
  if (E.isLeft(signed)) return signed
  const isAsked = E.isLeft(signing.check(''))
  return !isAsked || head === JSON.stringify({ schema: 1, name, digest: digestOf(lines) })
    ? E.right(lines)
    : E.left('it was changed')
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
