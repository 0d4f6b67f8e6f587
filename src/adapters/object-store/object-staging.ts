import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { readFile, readdir, rename, rm, cp } from 'node:fs/promises'
import type { Bytes } from '../../declare/format.js'
import { factsText } from '../../runtime/run-info/facts-text.js'
import type { Address, Saved } from '../../runtime/ports/artifact.js'
import type { ArtifactFacts } from '../../runtime/ports/facts.js'
import { alreadyThereError, type StagedStorage, type Staging } from '../../runtime/ports/store.js'
import { artifactSource } from '../file-store/artifact-source.js'
import { digestOf } from '../file-store/checksum.js'
import { codeOf } from '../file-store/file-system.js'
import { writeBytes } from '../file-store/staging/write-bytes.js'
import { besideOf, measureFolder } from '../store-kit.js'
import { ObjectStoreFailed } from './bucket.js'
import { orFull } from './local-cache.js'
import { inlineLimit, type Manifest, type Part } from './contents/manifest.js'
import { blobPrefix, commitName, keyPrefix, type KeyState } from './contents/object-names.js'
import { lookAt, readersAge } from './object-open.js'
import { pathOf, type HeldLease, type ObjectParts } from './object-parts.js'
import { packed } from './contents/pack.js'

/** A result on its way into a bucket. It stays on this machine until its size and digest are known. */
interface Staged {
  readonly parts: ObjectParts
  readonly address: Address
  readonly storage: StagedStorage
  /** State when the key was leased, or the present one. */
  readonly before: KeyState
  readonly isAdded: boolean
  readonly directory: string | undefined
  file?: string
  saved?: Saved
  beside: ReadonlyMap<string, Uint8Array>
  committed: boolean
}

/** A place to write an artifact of an object store to. `expected`: it is added to that state, without a lease. */
export const stageObject = async (
  parts: ObjectParts,
  address: Address,
  storage: StagedStorage,
  expected?: KeyState,
): Promise<Staging> => {
  const { cache, held } = parts
  const directory =
    storage === 'checkpoint'
      ? cache.unfinished(pathOf(address))
      : storage === 'folder'
        ? await cache.temporary()
        : undefined
  if (directory !== undefined) await cache.make(directory)
  const resumed = storage === 'checkpoint' && directory !== undefined && (await readdir(directory)).length > 0
  const before = expected ?? held.get(pathOf(address))?.state ?? (await lookAt(parts, address, readersAge))
  const isAdded = expected !== undefined
  const staged: Staged = { parts, address, storage, before, isAdded, directory, beside: new Map(), committed: false }
  return {
    directory,
    resumed,
    write: (bytes, views = {}) => write(staged, bytes, views),
    measure: () => measure(staged),
    source: () => {
      const { file, saved } = staged
      if (file === undefined || saved === undefined) throw new Error('there are no bytes to read back yet')
      return artifactSource(fs, () => staged.file ?? file, saved.size, saved.checksum)
    },
    commit: (runInfo, facts) => commit(staged, runInfo, facts),
    discard: () => discard(staged),
  }
}

const once = ({ saved, committed, storage }: Staged): void => {
  if (saved !== undefined || committed || storage === 'nothing') throw new Error('an artifact is written once')
}

const write = async (staged: Staged, bytes: Bytes, views: Readonly<Record<string, Uint8Array>>): Promise<Saved> => {
  once(staged)
  if (staged.directory !== undefined) throw new Error('a folder artifact is filled, not written')
  const { address, parts } = staged
  const beside = besideOf(address.extension, views)
  const file = await parts.cache.temporary()
  const saved = await writeBytes(fs, file, bytes).catch((error: unknown) =>
    Promise.reject(orFull(parts.cache.folder, error)),
  )
  Object.assign(staged, { file, beside, saved: beside.size === 0 ? saved : { ...saved, beside: [...beside.keys()] } })
  return staged.saved ?? saved
}

const measure = async (staged: Staged): Promise<Saved> => {
  once(staged)
  if (staged.directory === undefined) throw new Error('a file artifact is written, not measured')
  staged.saved = await measureFolder(staged.directory)
  return staged.saved
}

const commit = async (staged: Staged, runInfo: string, facts: ArtifactFacts | undefined): Promise<string> => {
  const { parts, address, storage, before, directory } = staged
  if (staged.committed || (staged.saved === undefined && storage !== 'nothing'))
    throw new Error('a commit comes once, after write or measure')
  staged.committed = true
  await parts.prepared()
  const lease = parts.held.get(pathOf(address))
  const data = await dataPart(staged)
  const beside: Record<string, Part> = {}
  for (const [extension, bytes] of staged.beside) beside[extension] = await bytesPart(staged, bytes)
  const generation = before.generation + 1
  const manifest: Manifest = {
    ...newManifest(address, { generation, lease, runInfo, facts, data, beside }),
    ...(directory === undefined || staged.saved === undefined ? {} : { folderSize: staged.saved.size }),
  }
  const extensions = data === undefined ? undefined : [address.extension ?? '', ...staged.beside.keys()]
  const name = keyPrefix(address) + commitName(manifest.generation, extensions)
  if ((await parts.commits.write(name, manifest)) === undefined) await compareWithOther(staged, manifest)
  if (staged.isAdded) parts.added.set(pathOf(address), manifest.generation)
  if (lease !== undefined)
    parts.held.set(pathOf(address), { ...lease, state: { ...before, generation: manifest.generation } })
  const place = `${parts.bucket.location}/${address.folder}/${address.key}`
  if (data !== undefined && directory !== undefined) return keepFolder(staged, directory, data)
  if (staged.file !== undefined && data !== undefined) await keepFile(staged, staged.file, data)
  return address.extension === null ? place : `${place}.${address.extension}`
}

/** The content of a commit. */
interface Contents {
  readonly generation: number
  readonly lease?: HeldLease | undefined
  readonly runInfo: string
  readonly facts: ArtifactFacts | undefined
  readonly data: Manifest['data']
  readonly beside: Readonly<Record<string, Part>>
}

export const newManifest = (
  { folder, key }: Address,
  { generation, lease, runInfo, facts, data, beside }: Contents,
): Manifest => ({
  schema: 1,
  folder,
  key,
  generation,
  id: randomBytes(8).toString('hex'),
  fence: { token: lease?.token ?? 0, holder: lease?.holder ?? '' },
  runInfo,
  ...(facts === undefined ? {} : { facts: `${facts.identity ?? ''}\t${factsText(facts)}` }),
  ...(data === undefined ? {} : { data }),
  ...(Object.keys(beside).length === 0 ? {} : { beside }),
})

/** Another process has committed since the key was leased. Equal data is fine; different data is never replaced. */
const compareWithOther = async ({ parts, address, isAdded }: Staged, ours: Manifest): Promise<void> => {
  const { commit: object } = await lookAt(parts, address)
  const other = object === undefined ? 'it is gone again' : await parts.commits.read(object)
  if (typeof other !== 'string' && other.id === ours.id) return // an answer was lost, and it was put twice
  if (isAdded) throw alreadyThereError(pathOf(address))
  if (typeof other !== 'string' && other.data?.digest === ours.data?.digest) return
  const digests =
    typeof other === 'string' ? other : `${short(other.data?.digest)} there, ${short(ours.data?.digest)} here`
  throw new ObjectStoreFailed(
    parts.bucket.location,
    `another process has committed ${pathOf(address)} while this one computed it, with other data (${digests})`,
    'the lease was lost for over a minute, and the task does not give the same twice; what was there first stays',
  )
}

const short = (digest: string | undefined): string => digest?.slice(0, 12) ?? 'no data'

const dataPart = async (staged: Staged): Promise<Manifest['data']> => {
  const { parts, address, directory, saved } = staged
  if (saved === undefined) return undefined
  if (directory === undefined) return { kind: 'file', ...(await filePart(parts, address, staged.file ?? '', saved)) }
  const path = await parts.cache.temporary()
  try {
    return { kind: 'pack', ...(await filePart(parts, address, path, await writeBytes(fs, path, packed(directory)))) }
  } catch (error) {
    throw orFull(parts.cache.folder, error)
  } finally {
    await rm(path, { force: true })
  }
}

const filePart = async (parts: ObjectParts, address: Address, path: string, saved: Saved): Promise<Part> => {
  const { size, digest = '' } = saved
  if (size <= inlineLimit) return { size, digest, inline: (await readFile(path)).toString('base64') }
  await parts.bucket.putFile(blobPrefix(address) + digest, path, size)
  return { size, digest }
}

export const inlinePart = (bytes: Uint8Array): Part => ({
  size: bytes.length,
  digest: digestOf(bytes),
  inline: Buffer.from(bytes).toString('base64'),
})

const bytesPart = async ({ parts, address }: Staged, bytes: Uint8Array): Promise<Part> => {
  if (bytes.length <= inlineLimit) return inlinePart(bytes)
  const part = { size: bytes.length, digest: digestOf(bytes) }
  await parts.bucket.put(blobPrefix(address) + part.digest, bytes)
  return part
}

/** The filled folder continues to be read here; an existing one with the same digest may have been modified. */
const keepFolder = async ({ parts, address, saved }: Staged, directory: string, data: Part): Promise<string> => {
  const before = await parts.cache.tree(data.digest)
  if (before.isThere && (await measureFolder(before.path)).content !== saved?.content)
    await parts.cache.dropTree(data.digest)
  const path = await parts.cache.keepTree(directory, data.digest).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EXDEV') throw error
    const copy = await parts.cache.temporary()
    await cp(directory, copy, { recursive: true, verbatimSymlinks: true })
    await rm(directory, { recursive: true, force: true })
    return parts.cache.keepTree(copy, data.digest)
  })
  parts.paths.set(pathOf(address), path)
  return path
}

const keepFile = async (staged: Staged, file: string, data: Part): Promise<void> => {
  staged.file = await staged.parts.cache.keep(file, data.digest)
}

const discard = async ({ committed, directory, storage, file }: Staged): Promise<void> => {
  if (committed) return
  if (file !== undefined) await rm(file, { force: true }).catch(() => undefined)
  if (storage === 'folder' && directory !== undefined)
    await rm(directory, { recursive: true, force: true }).catch(() => undefined)
}

/** Moves a checkpoint's folder away and deletes it. */
export const removeUnfinished = async ({ cache }: ObjectParts, address: Address): Promise<void> => {
  const path = cache.unfinished(pathOf(address))
  if (!fs.existsSync(path)) return
  const gone = await cache.temporary()
  await rename(path, gone)
  await rm(gone, { recursive: true, force: true })
}
