import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answered } from '../reader/answered.js'
import { contentType } from './headers.js'

/** A file of the page. `path` has been validated, so it cannot lead elsewhere. */
export const pageFile = async (folder: string, path: string): Promise<Answered> => {
  const body = await readFile(join(folder, path)).catch(() => undefined)
  if (body !== undefined) return { status: 200, type: contentType(path), body }
  return path === 'index.html' ? notBuilt : { status: 404, type: 'text/plain; charset=utf-8', body: Buffer.from('') }
}

const notBuilt: Answered = {
  status: 503,
  type: 'text/plain; charset=utf-8',
  body: Buffer.from('The page is not built: run `npm run build`. The answers below /api/ work nevertheless.\n'),
}
