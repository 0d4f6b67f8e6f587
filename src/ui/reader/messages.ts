import { isRecord } from '../../base/records.js'
import type { QuestionName } from '../http/route.js'
import type { Answered } from './answered.js'

/** Messages between a server and the thread that reads a project. */

/** Actions answered on the thread; the others start and stop processes. */
export type ReaderAction = 'ask' | 'force'

/** Requests to a thread: the number comes back with the answer. */
export type Asked =
  | { readonly id: number; readonly name: QuestionName; readonly query: string }
  | { readonly id: number; readonly action: ReaderAction; readonly body: string }
  | { readonly forget: Forgotten }

/** What has become outdated: configs and everything that follows from them, or only stored results. */
export type Forgotten = 'configs' | 'results'

/** An answer as it arrives. */
export const answeredIn = (sent: unknown): (Answered & { readonly id: number }) | undefined =>
  isRecord(sent) && typeof sent['id'] === 'number' && sent['body'] instanceof Uint8Array
    ? (sent as unknown as Answered & { readonly id: number }) // made by `send`
    : undefined
