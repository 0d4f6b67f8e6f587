import { createHash, timingSafeEqual } from 'node:crypto'

/** Who is let in: decided from a request's first lines alone. */

/** What is looked at of a request. */
export interface Visitor {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `sec-fetch-site`: what browsers say about where a request comes from. */
  readonly site: string | undefined
  readonly cookie: string | undefined
  readonly authorization: string | undefined
}

/** What a server goes by. */
export interface Door {
  readonly port: number
  /** What the address has that the terminal shows. */
  readonly token: string
  /** What the cookie has, so that the token is in no store of the browser. */
  readonly pass: string
}

export type Admission =
  | { readonly _tag: 'welcome'; readonly by: 'token' | 'cookie' }
  /** Another site, or another name for this machine: DNS may lead any name here. */
  | { readonly _tag: 'foreign'; readonly problem: string }
  | { readonly _tag: 'unknown' }

/** Ports share their cookies. */
export const cookieName = ({ port }: Pick<Door, 'port'>): string => `taskchain-ui-${port}`

/** The header that sets the cookie: for this server alone, out of reach of scripts, not sent from other sites. */
export const cookieOf = (door: Door): string => `${cookieName(door)}=${door.pass}; HttpOnly; SameSite=Strict; Path=/`

/** Whether a request may come from a page of this server, whoever sends it. */
export const isForeign = ({ host, origin, site }: Visitor, port: number): string | undefined => {
  if (host === undefined || !namesOf(port).includes(host.toLowerCase())) return `host ${host ?? 'of no name'}`
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return `origin ${origin}`
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return `a ${site} request`
  return undefined
}

/** Names under which this machine reaches itself. */
const namesOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]

/** Whether a request is answered. One that changes something has to say by itself that it comes from the page. */
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

/** In the same time, whatever is given. */
const isSame = (given: string | undefined, wanted: string): boolean => {
  const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given ?? ''), digest(wanted)) && given !== undefined
}
