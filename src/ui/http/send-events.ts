import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LiveEvents, Numbered } from '../live/live-events.js'
import { commonHeaders } from './headers.js'

const beatMilliseconds = 15_000
/** A page with more unread bytes than this is disconnected; it reconnects and gets the events it missed. */
const mostWaiting = 16 * 1024 * 1024

/** Sends events to a page until it disconnects. */
export const sendEvents = (live: LiveEvents, request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { ...commonHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
  const given = Number(request.headers['last-event-id'] ?? NaN)
  const send = ({ id, event }: Numbered): void => {
    if (response.writableLength > mostWaiting) response.destroy()
    else response.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
    if (event.kind === 'closing') response.end()
  }
  for (const one of live.catchUp(Number.isSafeInteger(given) ? given : undefined)) send(one)
  const end = live.listen(send)
  const beat = setInterval(() => response.write(': \n\n'), beatMilliseconds)
  beat.unref()
  response.on('close', () => {
    clearInterval(beat)
    end()
  })
}
