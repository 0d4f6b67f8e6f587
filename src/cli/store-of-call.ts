import type { LoadedProject } from '../adapters/project/project-file.js'
import type { OpenedStore } from '../adapters/opened-store.js'
import { openProjectStore, openStore } from '../adapters/open-store.js'
import { printBeside, type Call } from './call.js'
import { harmless } from './render/text-width.js'

/** The project's own store, or the one that `--store` names. */
export const storeFor = (call: Call, { root, project }: LoadedProject): Promise<OpenedStore> => {
  const { store } = call.common
  return store === undefined ? openStore(project.store, root) : openStore(store, call.host.folder)
}

/** The same, backed by the project's shared stores; a store named by `--store` has none behind it. */
export const storesFor = (call: Call, { root, project }: LoadedProject): Promise<OpenedStore> => {
  const { store } = call.common
  if (store !== undefined) return openStore(store, call.host.folder)
  const warn = (problem: string): void =>
    printBeside(call, [`${call.paint.err.yellow('warning')}: ${harmless(problem)}`])
  return openProjectStore(project, root, { warn })
}
