import { extname } from 'node:path'
import type { FileKind, ImagePreview } from '../contract.js'

const images: Readonly<Record<string, ImagePreview['type']>> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
}

const texts = /\.(?:txt|md|csv|tsv|jsonl?|ya?ml|log|html?|xml|toml|ini|py|[cm]?[jt]s|sh|css|sql|r|tex|rst)$/i

/** The media type of a picture that can be shown; undefined for other files. */
export const imageType = (path: string): ImagePreview['type'] | undefined => images[extname(path).toLowerCase()]

export const fileKind = (path: string): FileKind =>
  imageType(path) !== undefined ? 'image' : texts.test(path) ? 'text' : 'other'

/** Whether a path may name a file below a folder: relative, no way up, no characters special to the system. */
export const isPathBelow = (path: string): boolean =>
  path.length > 0 &&
  path.length < 2000 &&
  !/[\0\\]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
  !/^[A-Za-z]:/.test(path)
