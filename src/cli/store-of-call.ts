import type { LoadedProject } from '../adapters/project/project-file.js'
import { openStore, type OpenedStore } from '../adapters/open-store.js'
import type { Call } from './call.js'

/** The project's store, or the one that was named. */
export const storeFor = (call: Call, { root, project }: LoadedProject): Promise<OpenedStore> => {
  const { store } = call.common
  return store === undefined ? openStore(project.store, root) : openStore(store, call.host.folder)
}
