import { basename } from 'node:path'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import { messageOf } from '../../base/thrown.js'
import { openArtifact } from '../../runtime/run-info/hit-or-miss.js'
import type { Miss, StoredArtifact } from '../../runtime/ports/artifact.js'
import type { PreviewQuestion } from '../addresses.js'
import type { NoPreview, Preview, PreviewAnswer } from '../contract.js'
import { imageType } from '../preview/file-kinds.js'
import { openBelow } from '../preview/folder-files.js'
import { itemsPreview } from '../preview/items-preview.js'
import { handleIn } from './handle-in.js'
import { refuseOutside } from './inside-store.js'
import { filePreviewOf, folderPreviewOf } from './preview-by-format.js'
import type { Reader } from '../reader/reader.js'
import { NoAnswer, refusal } from '../reader/trouble.js'

/** A preview of a value; why there is none is an answer too. Computes nothing, and does not count as a read. */

const itemsMark = 'items:'

export const previewAnswer = async (
  reader: Reader,
  asked: { readonly config: string; readonly node: string } & PreviewQuestion,
): Promise<PreviewAnswer> => {
  const { node } = handleIn(await reader.chain(asked.config), asked.node)
  const common = { schema: 1, node: node.id, key: node.key, format: node.format } as const
  if (asked.name?.startsWith(itemsMark) === true) return { ...common, preview: await itemsOf(reader, node, asked) }
  if (node.storage === 'memory')
    return { ...common, preview: { kind: 'in memory', message: 'it is kept in memory only, while something reads it' } }
  await refuseOutside(reader, node)
  const found = await openArtifact(reader.store, addressOf(node))
  if ('_tag' in found) return { ...common, preview: missing(found) }
  const size = found.source?.size
  return { ...common, ...(size === undefined ? {} : { size }), preview: await previewOf(reader, node, found, asked) }
}

const previewOf = async (
  reader: Reader,
  node: PlanNode,
  found: StoredArtifact,
  asked: PreviewQuestion,
): Promise<Preview> => {
  try {
    return found.source === undefined
      ? await folderPreviewOf(reader, node, found, asked)
      : await filePreviewOf(reader, node, found, found.source, asked)
  } catch (cause) {
    return refused(cause)
  }
}

/** Errors that readers throw about the data, matched by name: they may come from another copy of the library. */
const refused = (cause: unknown): NoPreview => {
  const message = messageOf(cause).slice(0, 2000)
  if (cause instanceof Error && cause.name === 'DamagedArtifact')
    return { kind: 'damaged', message: `${message}; the next run computes it again` }
  return { kind: 'unreadable', message }
}

const missing = ({ reason, detail }: Miss): NoPreview => {
  const more = detail === undefined ? '' : `: ${detail}`
  switch (reason) {
    case 'absent':
    case 'no data':
      return { kind: 'not computed', message: 'it was not computed yet with these values' }
    case 'stale':
      return { kind: 'not computed', message: 'it is marked to be recomputed' }
    case 'no run info':
    case 'unreadable run info':
      return { kind: 'unreadable', message: `${reason}${more}` }
    case 'size differs':
    case 'damaged':
      return { kind: 'damaged', message: `${reason}${more}; the next run computes it again` }
  }
}

const itemsOf = async ({ store }: Reader, node: PlanNode, asked: PreviewQuestion): Promise<Preview> => {
  const name = asked.name?.slice(itemsMark.length) ?? ''
  const sets = (await store.items?.list(addressOf(node).folder)) ?? []
  const set = sets.find((one) => one.name === name)
  if (set === undefined || store.items === undefined)
    return { kind: 'not computed', message: `no results of items are kept under '${name.slice(0, 100)}'` }
  return itemsPreview(
    sets.map((one) => one.name),
    name,
    await store.items.lines(set),
    asked,
  )
}

/** Bytes of a picture, with its media type. */
export interface Picture {
  readonly type: string
  readonly bytes: Uint8Array
}

const largestPicture = 32 * 1024 * 1024

/** A view of a figure, or a picture in a folder; nothing else is served as a picture. */
export const pictureAnswer = async (
  reader: Reader,
  asked: { readonly config: string; readonly node: string; readonly view?: 'svg' | 'png'; readonly path?: string },
): Promise<Picture> => {
  const { node } = handleIn(await reader.chain(asked.config), asked.node)
  await refuseOutside(reader, node)
  const found = node.storage === 'memory' ? undefined : await openArtifact(reader.store, addressOf(node))
  const picture =
    found === undefined || '_tag' in found
      ? undefined
      : asked.view !== undefined
        ? await viewOf(found, asked.view)
        : await fileOf(found, asked.path ?? '')
  if (picture === undefined) throw new NoAnswer(refusal(404, 'NoPicture', 'there is no such picture'))
  return picture
}

const viewOf = async ({ beside }: StoredArtifact, view: 'svg' | 'png'): Promise<Picture | undefined> => {
  const bytes = await beside?.(view)
  return bytes && { type: view === 'svg' ? 'image/svg+xml' : 'image/png', bytes }
}

const fileOf = async ({ directory }: StoredArtifact, path: string): Promise<Picture | undefined> => {
  const type = imageType(basename(path))
  const opened = directory === undefined || type === undefined ? undefined : await openBelow(directory, path)
  if (opened === undefined || type === undefined) return undefined
  try {
    return opened.size > largestPicture ? undefined : { type, bytes: await opened.handle.readFile() }
  } finally {
    await opened.handle.close()
  }
}
