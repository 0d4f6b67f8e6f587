import type { Located } from '../config/config-types.js'
import type { Place } from '../errors.js'

/** The place of the part at a path, or of its nearest existing ancestor. */
export const placeAt = (located: Located, steps: readonly string[]): Place => {
  let at = located
  for (const step of steps) {
    const next = at.parts?.get(step)
    if (next === undefined) break
    at = next
  }
  return at.place
}
