/**
 * Content identities that are being computed in this process: a node that reaches one of them under another key waits,
 * and adopts the result.
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

/**
 * Resolves when the node that computes an identity has ended, or need not be waited for; undefined if there is none.
 */
export const identityInFlight = (session: object, identity: string): Promise<void> | undefined =>
  claims.get(session)?.get(identity)?.ended

/**
 * Claims an identity for a key that is being computed, until the returned function is called. `endedWith`: called when
 * nothing needs to wait any more.
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

/**
 * A running task has requested values: its result need not be waited for, and it may even wait for the node that waits
 * for it.
 */
export const releaseIdentity = (session: object, key: string): void => {
  for (const claim of claims.get(session)?.values() ?? []) if (claim.key === key) claim.end()
}
