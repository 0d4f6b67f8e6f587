import { hash } from 'node:crypto'

/** Keys by which a log of items is asked; apart from the log's writer, which a plan does not load. */

export const keyBytes = 16

/** Key of the line for a result of the task; `nth` distinguishes several calls of one `mapItems`. */
export const askedKey = (key: string, nth: number): string => keyOfText(`asked ${nth} ${key}`)

export const keyOfText = (text: string): string => hash('sha256', text, 'hex').slice(0, 2 * keyBytes)
