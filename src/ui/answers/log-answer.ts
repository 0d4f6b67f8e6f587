import * as fs from 'node:fs'
import { isAbsolute } from 'node:path'
import { isTemporary, makerOf } from '../../adapters/file-store/temporary-names.js'
import { openOwn } from '../../adapters/file-store/file-system.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { LogAnswer, LogName } from '../contract.js'
import { handleIn } from './handle-in.js'
import { refuseOutside } from './inside-store.js'
import { wholeLines, type Piece } from './pieces.js'
import type { Reader } from '../reader/reader.js'
import { NoAnswer, refusal } from '../reader/trouble.js'

/** Logs in pieces: of a log of any length, only the requested part is read. */

const usual = 64 * 1024
const most = 1024 * 1024

export const logAnswer = async (
  reader: Reader,
  asked: {
    readonly config: string
    readonly node: string
    readonly which: LogName
    readonly offset?: number
    readonly limit?: number
  },
): Promise<LogAnswer> => {
  const { node } = handleIn(await reader.chain(asked.config), asked.node)
  await refuseOutside(reader, node)
  const limit = Math.min(most, Math.max(1, asked.limit ?? usual))
  const piece = await pieceOf(reader, node, asked.which, asked.offset, limit)
  if (piece === undefined) throw new NoAnswer(refusal(404, 'NoLog', `${node.id} has no such log`))
  return { schema: 1, which: asked.which, ...piece, growing: asked.which === 'running' }
}

/** Which logs a node has. */
export const logsOf = async (reader: Reader, node: PlanNode): Promise<readonly LogName[]> => {
  const found: LogName[] = runningLog(reader, node) === undefined ? [] : ['running']
  for (const which of ['kept', 'failed'] as const)
    if ((await pieceOf(reader, node, which, 0, 1)) !== undefined) found.push(which)
  return found
}

const pieceOf = async (
  reader: Reader,
  node: PlanNode,
  which: LogName,
  offset: number | undefined,
  limit: number,
): Promise<Piece | undefined> => {
  const path = which === 'running' ? runningLog(reader, node) : keptLog(reader, node, which)
  if (path !== undefined) return pieceOfFile(path, offset, limit)
  if (which === 'running') return undefined
  const text = await reader.store.log(addressOf(node)).read(which) // for stores without paths
  return text === undefined ? undefined : pieceOfBytes(Buffer.from(text), offset, limit)
}

const folderOf = ({ store }: Reader, node: PlanNode): string | undefined =>
  isAbsolute(store.location) ? `${store.location}/${addressOf(node).folder}` : undefined

const keptLog = (reader: Reader, { key, ...node }: PlanNode, which: 'kept' | 'failed'): string | undefined => {
  const folder = folderOf(reader, { key, ...node })
  return folder && `${folder}/${key}.${which === 'kept' ? 'log' : 'failed.log'}`
}

/** The log of a running process has a temporary name; its staging area is a folder. */
const runningLog = (reader: Reader, node: PlanNode): string | undefined => {
  const folder = folderOf(reader, node)
  if (folder === undefined) return undefined
  try {
    const name = fs
      .readdirSync(folder)
      .find(
        (one) =>
          one.startsWith(`.${node.key}.`) &&
          isTemporary(one) &&
          makerOf(one)?.life !== 'dead' &&
          fs.lstatSync(`${folder}/${one}`, { throwIfNoEntry: false })?.isFile() === true,
      )
    return name && `${folder}/${name}`
  } catch {
    return undefined
  }
}

/** Undefined if there is no such file; links are not followed. */
const pieceOfFile = (path: string, offset: number | undefined, limit: number): Piece | undefined => {
  const opened = openOwn(fs, path)
  if (opened === undefined) return undefined
  try {
    const { size } = opened
    const from = Math.min(size, offset ?? Math.max(0, size - limit))
    const bytes = Buffer.alloc(Math.min(limit, size - from))
    const read = fs.readSync(opened.descriptor, bytes, 0, bytes.length, from)
    return wholeLines(bytes.subarray(0, read), from, size, offset === undefined)
  } finally {
    fs.closeSync(opened.descriptor)
  }
}

const pieceOfBytes = (bytes: Uint8Array, offset: number | undefined, limit: number): Piece => {
  const from = Math.min(bytes.length, offset ?? Math.max(0, bytes.length - limit))
  return wholeLines(bytes.subarray(from, from + limit), from, bytes.length, offset === undefined)
}
