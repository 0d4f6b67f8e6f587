import type { Address } from '../../runtime/ports/artifact.js'
import type { Finding, StoreFindings } from '../../runtime/ports/findings.js'
import { digestOf } from '../file-store/checksum.js'
import { stampRead } from '../file-store/file-facts.js'
import { kindOf, listNames, quietly, remove, writeNew, type FileSystem } from '../file-store/file-system.js'
import { measureTree, pause } from '../file-store/folder-tree.js'
import { checkAddress, storeEndings } from '../file-store/safe-path.js'
import type { StoreParts } from '../file-store/store-parts.js'
import { isTemporary } from '../file-store/temporary-names.js'
import { catalogName, readSpan, withFile } from './catalog-files.js'

/**
 * Findings are files next to the catalog's: a checksum, the seconds, and for each artifact inode, time and size of its
 * run info, and the size of its data. A torn or missing one does not count, and the next run writes it again.
 */
export const fileFindings = (parts: StoreParts): StoreFindings => ({
  find: (question, addresses) => find(parts, question, addresses).catch(() => undefined),
  note: (question, addresses, facts) => {
    const numbers = new Float64Array(first + each * addresses.length)
    for (const address of addresses) checkAddress(address)
    for (const [at, one] of facts.entries()) {
      const [inode, time, size] = stampRead(one)?.split(' ').map(Number) ?? []
      if (inode === undefined || time === undefined || size === undefined || one.size === null) return
      numbers.set([inode, time, size, one.size], first + each * at)
      numbers[1] = (numbers[1] ?? 0) + one.seconds
    }
    numbers[0] = checksumOf(question, numbers)
    quietly(() => keep(parts.fs, `${parts.location}/${catalogName}`, `${question}${ending}`, numbers))
  },
})

const ending = '.finding'
/** Numbers before those of the artifacts, and per artifact. */
const [first, each] = [2, 4]
/** Maximum number of files; the oldest are removed. */
const most = 16
/** Files checked before other work gets its turn. */
const atOnce = 1000

const find = async (
  parts: StoreParts,
  question: string,
  addresses: readonly Address[],
): Promise<Finding | undefined> => {
  const { fs, location } = parts
  const numbers = read(fs, `${location}/${catalogName}/${question}${ending}`, first + each * addresses.length)
  if (numbers === undefined || numbers[0] !== checksumOf(question, numbers)) return undefined
  if (listNames(fs, location).some(isTemporary)) return undefined // a killed process has left something in the folders
  for (let at = 0; at < addresses.length; at++) {
    const address = addresses[at]
    if (address === undefined || !isUnchanged(parts, address, numbers, first + each * at)) return undefined
    if (address.extension === null && (await folderSize(parts, address)) !== numbers[first + each * at + 3])
      return undefined
    if (at % atOnce === 0) await pause()
  }
  return { seconds: numbers[1] ?? 0 }
}

/**
 * One look at each file of an artifact, data in a folder excepted. The addresses are those of the finding, which were
 * checked then.
 */
const isUnchanged = (
  { fs, folders }: StoreParts,
  { folder, key, extension }: Address,
  numbers: Float64Array,
  start: number,
): boolean => {
  const base = `${folders.pathOf(folder)}/${key}`
  const stat = fs.lstatSync(`${base}.${storeEndings.runInfo}`, mayLack)
  if (stat?.ino !== numbers[start] || stat?.mtimeMs !== numbers[start + 1] || stat?.size !== numbers[start + 2])
    return false
  if (fs.lstatSync(`${base}.${storeEndings.stale}`, mayLack) !== undefined) return false
  if (extension === null) return true
  const data = fs.statSync(`${base}.${extension}`, mayLack)
  return data?.size === numbers[start + 3] && data?.isFile() === true
}

const mayLack = { throwIfNoEntry: false } as const

const folderSize = async ({ fs, folders }: StoreParts, { folder, key }: Address): Promise<number> =>
  (await measureTree(fs, `${folders.pathOf(folder)}/${key}`)).size

const read = (fs: FileSystem, path: string, length: number): Float64Array | undefined =>
  withFile(fs, path, (descriptor, size) => {
    if (size !== 8 * length) return undefined
    const numbers = new Float64Array(length)
    Buffer.from(numbers.buffer).set(readSpan(fs, descriptor, 0, size))
    return numbers
  })

/** The question counts as well, so that a finding under another name is none. */
const checksumOf = (question: string, numbers: Float64Array): number => {
  const digest = digestOf(Buffer.concat([Buffer.from(question), new Uint8Array(numbers.buffer, 8)]))
  return Number.parseInt(digest.slice(0, 12), 16) // a number exactly
}

const keep = (fs: FileSystem, folder: string, name: string, numbers: Float64Array): void => {
  if (kindOf(fs, folder) !== 'folder') return
  const others = fs.readdirSync(folder).filter((other) => other.endsWith(ending) && other !== name)
  const timeOf = (other: string): number => fs.lstatSync(`${folder}/${other}`).mtimeMs
  if (others.length >= most)
    for (const other of others.sort((left, right) => timeOf(right) - timeOf(left)).slice(most - 1))
      remove(fs, `${folder}/${other}`)
  remove(fs, `${folder}/${name}`)
  writeNew(fs, `${folder}/${name}`, new Uint8Array(numbers.buffer))
}
