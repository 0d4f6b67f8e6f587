import type { Actions, Questions } from '../../ui/addresses.js'
import type { ServerEvent, Trouble } from '../../ui/contract.js'

/** Where the page has its data from: a server, or what is embedded in a report. Nothing else of it asks anybody. */
export interface Source {
  /** False where nothing can change: no events, no actions. */
  readonly live: boolean
  /** Whether questions of this kind have answers at all. */
  readonly offers: (name: keyof Questions) => boolean
  /** The two that a report compares. */
  readonly compared?: Questions['compare']['asked']
  readonly ask: <Name extends keyof Questions>(
    name: Name,
    asked: Questions[Name]['asked'],
  ) => Promise<Answered<Questions[Name]['answer']>>
  readonly act: <Name extends keyof Actions>(
    name: Name,
    asked: Actions[Name]['asked'],
  ) => Promise<Answered<Actions[Name]['answer']>>
  /** For `<img src>`; undefined where the picture was left out. */
  readonly picture: (asked: Questions['file']['asked']) => string | undefined
  /** A metric over time as a picture, by its position among the series: in reports alone. */
  readonly plot: (series: number) => string | undefined
  /** Reports events until the returned function is called, and how the link to the server is. */
  readonly follow: (onEvent: (event: ServerEvent) => void, onLink: (link: Link) => void) => () => void
}

/** `lost`: tries to come back by itself. */
export type Link = 'none' | 'open' | 'lost' | 'closed'

export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `status`: of HTTP; 0 where nobody answered. */
  | { readonly ok: false; readonly status: number; readonly errors: readonly Trouble[] }

export const refused = (status: number, tag: string, message: string, hint?: string): Answered<never> => ({
  ok: false,
  status,
  errors: [{ tag, message, ...(hint === undefined ? {} : { hint }) }],
})
