/** A function that is only the door to another one: on a thread, say. What is to be known of that one. */

const symbol = Symbol.for('taskchain.itemDoor') // two copies of the library may be loaded

export interface ItemDoor {
  /** Resolves with its fingerprint; null where there is none. */
  readonly code: () => Promise<string | null>
  /** So many calls at once; more would wait, while their time runs. */
  readonly atOnce: number
}

export const withDoor = <Called extends object>(called: Called, door: ItemDoor): Called =>
  Object.defineProperty(called, symbol, { value: door })

/** Set above: nobody else has the symbol. */
export const doorOf = (called: object): ItemDoor | undefined => Reflect.get(called, symbol) as ItemDoor | undefined
