/**
 * Which content identities are being computed just now, in this process: who comes to one of them under another key
 * waits, and takes over what comes of it.
 */

interface Claim {
  readonly key: string
  readonly ended: Promise<void>
  readonly end: () => void
}

const claims = new WeakMap<object, Map<string, Claim>>()

const claimsOf = (session: object): Map<string, Claim> => {
  const known = claims.get(session) ?? new Map<string, Claim>()
  claims.set(session, known)
  return known
}

/** Resolves when whoever computes an identity has ended, or need not be waited for; undefined where nobody does. */
export const identityInFlight = (session: object, identity: string): Promise<void> | undefined =>
  claims.get(session)?.get(identity)?.ended

/**
 * Says that a key of this identity is being computed, until what is returned is called. `endedWith`: told when nobody
 * needs to wait any more.
 */
export const claimIdentity = (
  session: object,
  identity: string,
  key: string,
  endedWith: () => void = () => undefined,
): (() => void) => {
  let resolve: () => void = () => undefined
  const ended = new Promise<void>((done) => (resolve = done))
  const known = claimsOf(session)
  const end = (): void => {
    if (known.get(identity)?.ended === ended) known.delete(identity)
    resolve()
    endedWith()
  }
  known.set(identity, { key, ended, end })
  return end
}

/** A running task asks for values: what comes of it is nothing to wait for, and may even wait for who waits for it. */
export const releaseIdentity = (session: object, key: string): void => {
  for (const claim of claims.get(session)?.values() ?? []) if (claim.key === key) claim.end()
}
