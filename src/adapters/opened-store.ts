import type { Store } from '../runtime/ports/store.js'

/** A store that commands can use: all that they ask for, but for readable links. */
export type OpenedStore = Store & Required<Pick<Store, 'facts' | 'upkeep'>>
