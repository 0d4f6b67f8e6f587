import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'

/**
 * Proves who wrote a commit. A checksum detects damage; only a signature proves the origin. A commit is one line of
 * JSON, and if it is signed a second line with the writer's key and the signature of the first.
 */
export interface Signing {
  sign(text: string): string
  /** The signed text, or the reason why it does not count if no trusted writer has signed it. */
  check(text: string): E.Either<string, string>
  /** Identifies the set of trusted keys; empty if every writer counts. */
  readonly trusted: string
}

/** Ed25519 keys as PEM texts. */
export interface SigningKeys {
  /** Private key of this writer; without it commits are not signed. */
  readonly signWith?: string
  /** Public keys of trusted writers; without them every commit counts. */
  readonly trust?: readonly string[]
}

/** Throws if a key is not an Ed25519 key. */
export const signingWith = ({ signWith, trust }: SigningKeys): Signing => {
  const own = signWith === undefined ? undefined : ed25519(createPrivateKey(signWith))
  const trusted = trust === undefined ? undefined : new Map(trust.map((pem) => withId(ed25519(createPublicKey(pem)))))
  // a writer that signs trusts its own commits
  if (trusted !== undefined && own !== undefined) trusted.set(...withId(createPublicKey(own)))
  return {
    trusted: trusted === undefined ? '' : hashOf([...trusted.keys()].toSorted().join(' ')),
    sign: (text) =>
      own === undefined
        ? text
        : `${text}\n${keyId(createPublicKey(own))} ${sign(null, Buffer.from(text), own).toString('base64')}`,
    check: (whole) => {
      const [text = '', signature] = whole.split('\n')
      if (trusted === undefined) return E.right(text)
      if (signature === undefined) return E.left('it is not signed, and only trusted writers count here')
      const [id = '', bytes = ''] = signature.split(' ')
      const key = trusted.get(id)
      if (key === undefined) return E.left(`it is signed by ${id.slice(0, 16)}, which is not among the trusted keys`)
      return verify(null, Buffer.from(text), key, Buffer.from(bytes, 'base64'))
        ? E.right(text)
        : E.left(`its signature is not that of ${id.slice(0, 16)}: it was changed`)
    },
  }
}

const ed25519 = (key: KeyObject): KeyObject => {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}, not of Ed25519`)
  return key
}

const withId = (key: KeyObject): [string, KeyObject] => [keyId(key), key]

/** SHA-256 of a public key, the first 32 hex digits. */
export const keyId = (key: KeyObject): string => hashOf(key.export({ type: 'spki', format: 'der' }))

const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 32)
