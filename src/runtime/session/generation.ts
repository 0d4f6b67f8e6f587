import { hash } from 'node:crypto'
import type { Address } from '../ports/artifact.js'
import type { Store } from '../ports/store.js'

/**
 * Identifies the artifact that is stored now under a key, by 16 hex digits of SHA-256 over its run info; undefined if
 * there is none. Artifacts of different runs have different generations.
 */
export const generationOf = async (
  store: Pick<Store, 'readRunInfo'>,
  address: Address,
): Promise<string | undefined> => {
  const text = await store.readRunInfo(address)
  return text === undefined ? undefined : hash('sha256', text, 'hex').slice(0, 16)
}
