import { isFlatJson, jsonDocument } from '../../base/json-document.js'
import { explain } from '../../explain.js'
import type { RunEvent } from '../../runtime/ports/events.js'

/** An event as a line of JSON. */
export const eventDocument = (event: RunEvent): string => {
  if (flat.has(event._tag) || isFlatJson(event)) {
    const text = JSON.stringify(event) // most of them: what it is comes first, under another name
    if (text.startsWith(first)) return `{"schema":1,"event":${text.slice(first.length)}\n`
  }
  const { _tag, ...fields } = event
  return jsonDocument({ event: _tag, ...fields, ...(event._tag === 'failed' ? { error: explain(event.error) } : {}) })
}

const first = '{"_tag":'

/** The events of every node have names and finite numbers only. */
const flat: ReadonlySet<string> = new Set(['started', 'computed', 'released'])
