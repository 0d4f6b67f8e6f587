import { isRecord } from '../../base/records.js'
import type { QuestionName } from '../http/route.js'
import type { Answered } from './answered.js'

/** What goes between a server and the thread that reads a project. */

/** Actions that are answered on the thread: the others start and stop processes. */
export type ReaderAction = 'ask' | 'force'

/** What a thread is asked: a number comes back with the answer. */
export type Asked =
  | { readonly id: number; readonly name: QuestionName; readonly query: string }
  | { readonly id: number; readonly action: ReaderAction; readonly body: string }
  | { readonly forget: Forgotten }

/** What is not what it was: configs, and so all that follows from them; or what is stored alone. */
export type Forgotten = 'configs' | 'results'

/** An answer as it arrives. */
export const answeredIn = (sent: unknown): (Answered & { readonly id: number }) | undefined =>
  isRecord(sent) && typeof sent['id'] === 'number' && sent['body'] instanceof Uint8Array
    ? (sent as unknown as Answered & { readonly id: number }) // made by `send`
    : undefined
