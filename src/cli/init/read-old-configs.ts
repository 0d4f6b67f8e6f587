import { readdir } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { fileSource } from '../../adapters/project/config-files.js'
import { messageOf } from '../../base/thrown.js'
import { parseDocument } from '../../config/document.js'
import type { PlanError } from '../../errors.js'
import type { OldConfig } from './draft-project.js'

/** The configs below a folder, and the errors of those that cannot be read. */
export const readOldConfigs = async (
  folder: string,
): Promise<{ readonly configs: readonly OldConfig[]; readonly errors: readonly PlanError[] }> => {
  await readdir(folder) // throws if it cannot be read: it must not pass for empty
  const source = fileSource(folder)
  const configs: OldConfig[] = []
  const errors: PlanError[] = []
  for (const path of await source.list('.')) {
    if (/(?:^|\/)\.[^/]*$/.test(path)) continue
    try {
      const text = (await source.read(path)) ?? ''
      const document = parseDocument(path, text)
      if (E.isRight(document)) configs.push({ path, text, document: document.right })
      else for (const error of document.left) errors.push(error)
    } catch (cause) {
      errors.push({ _tag: 'ConfigUnreadable', origin: path, place: undefined, reason: messageOf(cause) })
    }
  }
  return { configs, errors }
}
