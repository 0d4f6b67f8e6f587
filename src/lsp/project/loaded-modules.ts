import { Session } from 'node:inspector'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../base/package-root.js'
import { isRecord } from '../../base/records.js'
import type { LoadedModule } from './project-facts.js'

/** Modules that this process loads from now on, as reported by V8, whatever imports them. */
export interface ModuleWatch {
  /** The project's own files, without those of packages. */
  readonly files: () => readonly string[]
  /** The same with their exports; importing them again runs none of them twice. */
  readonly modules: () => Promise<readonly LoadedModule[]>
  readonly close: () => void
}

export const watchModules = (): ModuleWatch => {
  const urls = new Map<string, boolean>()
  const session = new Session()
  session.connect()
  session.on('Debugger.scriptParsed', ({ params: { url, isModule } }) => {
    if (url.startsWith('file:') && isOwn(fileURLToPath(url))) urls.set(url, isModule === true)
  })
  session.post('Debugger.enable')
  const { cache } = createRequire(import.meta.url)
  const exportsOf = async (url: string, isModule: boolean): Promise<unknown> =>
    isModule ? import(url) : cache[fileURLToPath(url)]?.exports
  return {
    files: () => [...urls.keys()].map((url) => fileURLToPath(url)),
    modules: async () =>
      (
        await Promise.all(
          [...urls].map(async ([url, isModule]): Promise<readonly LoadedModule[]> => {
            const exports = await exportsOf(url, isModule).catch(() => undefined)
            return isRecord(exports) ? [{ file: fileURLToPath(url), exports }] : []
          }),
        )
      ).flat(),
    close: () => session.disconnect(),
  }
}

const ownCode = join(packageRoot(), 'dist') + sep

const isOwn = (path: string): boolean => !path.includes(`${sep}node_modules${sep}`) && !path.startsWith(ownCode)
