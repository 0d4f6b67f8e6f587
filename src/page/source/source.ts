import type { Actions, Questions } from '../../ui/addresses.js'
import type { ServerEvent, Trouble } from '../../ui/contract.js'

/** Where the page gets its data: a server, or what a report embeds. The page sends requests only through this. */
export interface Source {
  /** False if nothing can change: no events, no actions. */
  readonly live: boolean
  /** Whether questions of this kind can be answered at all. */
  readonly offers: (name: keyof Questions) => boolean
  /** The two configs that a report compares. */
  readonly compared?: Questions['compare']['asked']
  readonly ask: <Name extends keyof Questions>(
    name: Name,
    asked: Questions[Name]['asked'],
  ) => Promise<Answered<Questions[Name]['answer']>>
  readonly act: <Name extends keyof Actions>(
    name: Name,
    asked: Actions[Name]['asked'],
  ) => Promise<Answered<Actions[Name]['answer']>>
  /** For `<img src>`; undefined if the picture was left out. */
  readonly picture: (asked: Questions['file']['asked']) => string | undefined
  /** A plot of a metric over time, by index of its series; only in reports. */
  readonly plot: (series: number) => string | undefined
  /** Reports events and the state of the connection, until the returned function is called. */
  readonly follow: (onEvent: (event: ServerEvent) => void, onLink: (link: Link) => void) => () => void
}

/** `lost`: trying to reconnect. */
export type Link = 'none' | 'open' | 'lost' | 'closed'

export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `status`: the HTTP status; 0 without a response. */
  | { readonly ok: false; readonly status: number; readonly errors: readonly Trouble[] }

export const refused = (status: number, tag: string, message: string, hint?: string): Answered<never> => ({
  ok: false,
  status,
  errors: [{ tag, message, ...(hint === undefined ? {} : { hint }) }],
})
