import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../base/package-root.js'
import { fieldOf, isObject } from '../../base/records.js'
import type { UsageError } from '../../errors.js'

type Misplaced = (UsageError & { readonly _tag: 'ProjectNotLoaded' })['misplaced']

/** What Node and Deno say; Bun names no entry point, but its file. */
const missingExport = /module '(taskchain(?:\/\w+)?)' does not provide an export named '([\w$]+)'/
const missingExportInBun = /Export named '([\w$]+)' not found in module '(.*)'/

/**
 * Where a name is exported that could not be imported; undefined if a project failed for another reason, or if nothing
 * exports that name. All entry points are loaded to find out.
 */
export const misplacedImport = async (cause: unknown): Promise<Misplaced> => {
  const message = cause instanceof Error ? cause.message : ''
  const [, , inNode] = missingExport.exec(message) ?? []
  const [, inBun, file = ''] = missingExportInBun.exec(message) ?? []
  const name = inNode ?? (file.startsWith(packageRoot()) ? inBun : undefined)
  if (name === undefined || name === 'default') return undefined
  const exportedBy: string[] = []
  for (const [entryPoint, exported] of await entryPoints()) if (name in exported) exportedBy.push(entryPoint)
  return exportedBy.length === 0 ? undefined : { name, exportedBy }
}

/** The exports of each entry point; one that cannot be loaded is left out. */
const entryPoints = async (): Promise<readonly (readonly [string, object])[]> => {
  const root = packageRoot()
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const all = Object.entries(fieldOf(manifest, 'exports') ?? {}).map(async ([path, target]) => {
    const file = fieldOf(target, 'default')
    if (typeof file !== 'string') return []
    const exported: unknown = await import(pathToFileURL(join(root, file)).href).catch(() => undefined)
    return isObject(exported) ? [[path.replace(/^\./, 'taskchain'), exported] as const] : []
  })
  return (await Promise.all(all)).flat()
}
