/** A proxy for another function, such as one on a thread, with the properties of the real function. */

const symbol = Symbol.for('taskchain.itemDoor') // two copies of the library may be loaded

export interface ItemDoor {
  /** Resolves with its fingerprint; null if there is none. */
  readonly code: () => Promise<string | null>
  /** Number of calls it runs at once; more would wait while their timeouts run. */
  readonly atOnce: number
}

export const withDoor = <Called extends object>(called: Called, door: ItemDoor): Called =>
  Object.defineProperty(called, symbol, { value: door })

/** Set above: no other code uses the symbol. */
export const doorOf = (called: object): ItemDoor | undefined => Reflect.get(called, symbol) as ItemDoor | undefined
