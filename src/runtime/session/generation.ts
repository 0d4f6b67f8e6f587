import { hash } from 'node:crypto'
import type { Address } from '../ports/artifact.js'
import type { Store } from '../ports/store.js'

/**
 * Which making of a key is stored just now, as 16 hex digits of SHA-256 over its run info; undefined where there is
 * none. Two that differ were made by different runs.
 */
export const generationOf = async (
  store: Pick<Store, 'readRunInfo'>,
  address: Address,
): Promise<string | undefined> => {
  const text = await store.readRunInfo(address)
  return text === undefined ? undefined : hash('sha256', text, 'hex').slice(0, 16)
}
