import type { Address } from '../../runtime/ports/artifact.js'
import type { ArtifactLog } from '../../runtime/ports/log.js'
import { checkAddress } from '../file-store/safe-path.js'
import { keyPrefix, logName } from './contents/object-names.js'
import { lookAt, lookingAnew, readersAge } from './object-open.js'
import { pathOf, type ObjectParts } from './object-parts.js'

/** The log of a key: one object per commit, since objects cannot be appended to. */
export const objectLog = (parts: ObjectParts, address: Address): ArtifactLog => {
  checkAddress(address)
  const lines: string[] = []
  return {
    write: (line) => void lines.push(`${line}\n`),
    close: async (outcome) => {
      if (lines.length === 0) return undefined
      await parts.prepared()
      const path = pathOf(address)
      const added = parts.added.get(path)
      parts.added.delete(path)
      const generation = parts.held.get(path)?.state.generation ?? added ?? (await lookAt(parts, address)).generation
      const name = keyPrefix(address) + logName(generation, outcome)
      await parts.bucket.put(name, Buffer.from(lines.join('')))
      return `${parts.bucket.location}/${name}`
    },
    read: (which) => readLog(parts, address, which),
  }
}

const readLog = async (
  parts: ObjectParts,
  address: Address,
  which: 'kept' | 'failed',
  age = readersAge,
): Promise<string | undefined> => {
  const state = await lookAt(parts, address, age)
  const object = which === 'kept' ? state.log : state.failedLog
  if (object === undefined) return undefined
  const text =
    object.within === undefined ? textOf(await parts.bucket.get(object.name)) : await parts.packs.read(object)
  return text === undefined && age > 0 ? readLog(lookingAnew(parts, address), address, which, 0) : text
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
