import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { parseDocument } from '../../config/document.js'
import type { PlanError } from '../../errors.js'
import type { OldConfig } from './draft-project.js'

/** The configs below a folder, and what is wrong with those that cannot be read. */
export const readOldConfigs = async (
  folder: string,
): Promise<{ readonly configs: readonly OldConfig[]; readonly errors: readonly PlanError[] }> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.split(/[\\/]/).some((name) => name.startsWith('.') || name === 'node_modules'))
    .toSorted()
  const configs: OldConfig[] = []
  const errors: PlanError[] = []
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8')
    const document = parseDocument(path, text)
    if (E.isRight(document)) configs.push({ path: path.replaceAll('\\', '/'), text, document: document.right })
    else for (const error of document.left) errors.push(error)
  }
  return { configs, errors }
}
