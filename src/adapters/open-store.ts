import { readFileSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { messageOf } from '../base/thrown.js'
import type { Project } from '../declare/project.js'
import { badOption } from '../explain.js'
import type { FileStoreOptions } from './file-store/file-store.js'
import { fileStore } from './file-store/file-store.js'
import { isS3Address, s3AddressIn } from './object-store/s3/s3-address.js'
import type { StoreOpening } from '../runtime/ports/store.js'
import type { OpenedStore } from './opened-store.js'
import { isStoreMode, modeIn, modeVariable } from './shared-store/store-modes.js'

/** Options for opening a store. */
export interface OpenStoreOptions {
  readonly durability?: FileStoreOptions['durability']
  /** Files with public keys of trusted writers. Default: those of `TASKCHAIN_TRUSTED_KEYS`. */
  readonly trust?: readonly string[] | undefined
}

/** Opens a store by its name: `s3://bucket/prefix`, or a folder, which may be relative to `base`. */
export const openStore = async (name: string, base: string, options: OpenStoreOptions = {}): Promise<OpenedStore> => {
  if (!isS3Address(name)) return fileStore(resolve(base, name), { durability: options.durability ?? 'group' })
  const problem = s3AddressIn(name)
  if (typeof problem === 'string') throw badOption(`store ${name}`, problem)
  const { objectStore } = await import('./object-store/object-store.js')
  const keys = keysOf(base, options.trust)
  try {
    return { ...objectStore(name, { keys }), opening: { kind: 'objects', root: name, options: {} } }
  } catch (error) {
    throw badOption('signing keys', messageOf(error))
  }
}

/**
 * A project's own store, with its usable shared stores behind it. `warn` receives problems of stores that are left out.
 */
export const openProjectStore = async (
  { store, shared = [] }: Pick<Project, 'store'> & Partial<Pick<Project, 'shared'>>,
  root: string,
  { warn, ...options }: OpenStoreOptions & { readonly warn: (problem: string) => void },
): Promise<OpenedStore> => {
  const own = await openStore(store, root, options)
  const given = process.env[modeVariable]
  if (given !== undefined && given !== '' && !isStoreMode(given))
    throw badOption(`${modeVariable}=${given}`, "say 'read-write', 'read-only', 'write-only' or 'off'")
  const layers = []
  for (const { at, mode = 'read-only', trust } of shared) {
    if (!isStoreMode(mode)) throw badOption(`mode ${String(mode)} of ${at}`, 'there is no such mode')
    const used = modeIn(mode, process.env)
    if (used !== 'off') layers.push({ store: await openStore(at, root, { trust }), mode: used })
  }
  if (layers.length === 0) return own
  const { layeredStore } = await import('./shared-store/layered-store.js')
  return layeredStore(own, layers, warn)
}

/** A project never names private keys: the environment names the file of this writer's key. */
const keysOf = (base: string, trust: readonly string[] | undefined) => {
  const { TASKCHAIN_SIGNING_KEY: own = '', TASKCHAIN_TRUSTED_KEYS: others = '' } = process.env
  const trusted = trust ?? others.split(delimiter).filter((path) => path !== '')
  const read = (path: string, folder = process.cwd()): string => {
    try {
      return readFileSync(resolve(folder, path), 'utf8')
    } catch (error) {
      throw badOption(`key ${path}`, messageOf(error))
    }
  }
  return {
    ...(own === '' ? {} : { signWith: read(own) }),
    ...(trusted.length === 0 ? {} : { trust: trusted.map((path) => read(path, trust && base)) }),
  }
}

/** Opens a store that is open in another thread or process. */
export const openAgain = async ({ kind, root, options }: StoreOpening): Promise<OpenedStore> =>
  kind === 'files' ? fileStore(root, options) : openStore(root, process.cwd())
