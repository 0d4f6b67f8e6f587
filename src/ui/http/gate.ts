import { createHash, timingSafeEqual } from 'node:crypto'

/** Access control, decided from a request's headers alone. */

/** The parts of a request that are examined. */
export interface Visitor {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `sec-fetch-site`: the browser's statement about where a request comes from. */
  readonly site: string | undefined
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

/** The secrets that a server compares requests with. */
export interface Door {
  readonly port: number
  /** The token in the address that the terminal shows. */
  readonly token: string
  /** The value of the cookie, which differs from the token so that browsers never store the token. */
  readonly pass: string
}

export type Admission =
  | { readonly _tag: 'welcome'; readonly by: 'token' | 'cookie' }
  /** Another site, or another name for this machine, since anyone's DNS may resolve to it. */
  | { readonly _tag: 'foreign'; readonly problem: string }
  | { readonly _tag: 'unknown' }

/** Named by port, because cookies are shared between ports. */
export const cookieName = ({ port }: Pick<Door, 'port'>): string => `taskchain-ui-${port}`

/** The header that sets the cookie: sent only to this server, not from other sites, and unreadable to scripts. */
export const cookieOf = (door: Door): string => `${cookieName(door)}=${door.pass}; HttpOnly; SameSite=Strict; Path=/`

/** What shows that a request does not come from a page of this server; undefined if it may. */
export const isForeign = ({ host, origin, site }: Visitor, port: number): string | undefined => {
  if (host === undefined || !namesOf(port).includes(host.toLowerCase())) return `host ${host ?? 'of no name'}`
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return `origin ${origin}`
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return `a ${site} request`
  return undefined
}

/** Host names by which this machine reaches itself. */
const namesOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]

/** Whether a request is answered. One that changes something must prove on its own that it comes from the page. */
export const admission = (visitor: Visitor, door: Door): Admission => {
  const foreign = isForeign(visitor, door.port)
  if (foreign !== undefined) return { _tag: 'foreign', problem: foreign }
  if (isSame(/^Bearer (\S{1,200})$/i.exec(visitor.authorization ?? '')?.[1], door.token))
    return { _tag: 'welcome', by: 'token' }
  if (!isSame(cookieIn(visitor.cookie ?? '', cookieName(door)), door.pass)) return { _tag: 'unknown' }
  return visitor.method === 'POST' && visitor.origin === undefined
    ? { _tag: 'foreign', problem: 'no origin' }
    : { _tag: 'welcome', by: 'cookie' }
}

const cookieIn = (header: string, name: string): string | undefined =>
  header
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([own]) => own === name)?.[1]

/** In constant time. */
const isSame = (given: string | undefined, wanted: string): boolean => {
  const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given ?? ''), digest(wanted)) && given !== undefined
}
