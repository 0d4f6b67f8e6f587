import { jsonDocument } from '../../base/json-document.js'
import { explain } from '../../explain.js'
import type { RunEvent } from '../../runtime/ports/events.js'

/** An event as a line of JSON. */
export const eventDocument = (event: RunEvent): string => {
  const { _tag, ...fields } = event
  return jsonDocument({ event: _tag, ...fields, ...(event._tag === 'failed' ? { error: explain(event.error) } : {}) })
}
