import { resolve } from 'node:path'
import { taskchainError } from '../explain.js'
import type { Store } from '../runtime/ports/store.js'
import type { FileStoreOptions } from './file-store/file-store.js'
import { fileStore } from './file-store/file-store.js'
import { isS3Address, s3AddressIn } from './object-store/s3/s3-address.js'

/** A store that commands can use: all that they ask for, but for readable links. */
export type OpenedStore = Store & Required<Pick<Store, 'facts' | 'upkeep'>>

/** A store by its name: `s3://bucket/prefix`, or a folder, which may be relative to another. */
export const openStore = async (
  name: string,
  base: string,
  durability: FileStoreOptions['durability'] = 'group',
): Promise<OpenedStore> => {
  if (!isS3Address(name)) return fileStore(resolve(base, name), { durability })
  const problem = s3AddressIn(name)
  if (typeof problem === 'string') throw taskchainError([{ _tag: 'BadOption', option: `store ${name}`, problem }])
  return (await import('./object-store/object-store.js')).objectStore(name)
}
