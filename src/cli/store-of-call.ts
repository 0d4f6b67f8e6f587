import { resolve } from 'node:path'
import { fileStore } from '../adapters/file-store/file-store.js'
import type { LoadedProject } from '../adapters/project/project-file.js'
import type { FullStore } from '../runtime/ports/store.js'
import type { Call } from './call.js'

/** The project's store, or the one that was named. */
export const storeFor = (call: Call, { root, project }: LoadedProject): FullStore => {
  const { store } = call.common
  return store === undefined ? storeAt(project.store, root) : storeAt(store, call.host.folder)
}

/** A store by its name: a folder, relative to another. */
export const storeAt = (name: string, folder: string): FullStore => fileStore(resolve(folder, name))
