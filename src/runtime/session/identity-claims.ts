/**
 * Content identities that are being computed in this process: a node that reaches one of them under another key waits,
 * and adopts the result.
 */

interface Claim {
  readonly identity: string
  readonly key: string
  readonly endedWith: () => void
  /** Created when something waits for it. */
  ended: Promise<void> | undefined
  resolve: (() => void) | undefined
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
export const identityInFlight = (session: object, identity: string): Promise<void> | undefined => {
  const claim = claims.get(session)?.get(identity)
  if (claim !== undefined) claim.ended ??= new Promise((resolve) => (claim.resolve = resolve))
  return claim?.ended
}

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
  const known = claimsOf(session)
  const claim: Claim = { identity, key, endedWith, ended: undefined, resolve: undefined }
  known.set(identity, claim)
  return () => end(known, claim)
}

const end = (known: Map<string, Claim>, claim: Claim): void => {
  if (known.get(claim.identity) === claim) known.delete(claim.identity)
  claim.resolve?.()
  claim.endedWith()
}

/**
 * A running task has requested values: its result need not be waited for, and it may even wait for the node that waits
 * for it.
 */
export const releaseIdentity = (session: object, key: string): void => {
  const known = claimsOf(session)
  for (const claim of known.values()) if (claim.key === key) end(known, claim)
}
