import type { Store } from '../runtime/ports/store.js'

/** A store that commands can use: it has everything they need, except readable links. */
export type OpenedStore = Store & Required<Pick<Store, 'facts' | 'upkeep'>>
