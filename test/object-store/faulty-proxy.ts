// A proxy between a client and an S3 server, which does to answers what networks and services do.
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one request, by its number. */
export type Fault =
  | { readonly _tag: 'pass' }
  /** Answered by the proxy: an error of S3. */
  | { readonly _tag: 'answer'; readonly status: number; readonly code: string }
  /** Answered by the proxy: a page of whoever is in between. */
  | { readonly _tag: 'page' }
  /** The connection is cut before the request, in the middle of its answer, or before the answer. */
  | { readonly _tag: 'reset'; readonly after: 'nothing' | 'half' | 'request' }
  /** The answer comes a little at a time. */
  | { readonly _tag: 'trickle' }

export interface FaultyProxy {
  readonly endpoint: string
  /** How many requests came, and how many were not let through unharmed. */
  readonly counts: { requests: number; faults: number }
  stop(): Promise<void>
}

export const faultyProxy = async (
  target: string,
  faultOf: (count: number, method: string, path: string) => Fault,
): Promise<FaultyProxy> => {
  const counts = { requests: 0, faults: 0 }
  const { hostname, port } = new URL(target)
  const server = createServer((asked, answer) => {
    const fault = faultOf(++counts.requests, asked.method ?? '', asked.url ?? '')
    if (fault._tag !== 'pass') counts.faults++
    if (fault._tag === 'reset' && fault.after === 'nothing') return void asked.socket.destroy()
    if (fault._tag === 'answer' || fault._tag === 'page') {
      asked.resume()
      return void asked.once('end', () => {
        if (fault._tag === 'page')
          return void answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>')
        answer.writeHead(fault.status, { 'content-type': 'application/xml' })
        answer.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>no</Message></Error>`)
      })
    }
    const { method, url, headers } = asked
    const forwarded = request({ hostname, port, method, path: url, headers }, (found) => {
      void pass(found, answer, fault).catch(() => answer.destroy())
    })
    forwarded.once('error', () => answer.destroy())
    asked.pipe(forwarded)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const pass = async (found: IncomingMessage, answer: ServerResponse, fault: Fault): Promise<void> => {
  const parts: Buffer[] = []
  for await (const part of found) parts.push(part as Buffer)
  if (fault._tag === 'reset' && fault.after === 'request') return void answer.destroy()
  answer.writeHead(found.statusCode ?? 500, found.headers)
  const bytes = Buffer.concat(parts)
  if (fault._tag === 'reset') {
    await new Promise((resolve) => void answer.write(bytes.subarray(0, bytes.length / 2), resolve))
    return void answer.destroy()
  }
  if (fault._tag === 'trickle')
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 20)) {
      await new Promise((resolve) => void answer.write(bytes.subarray(at, at + Math.ceil(bytes.length / 20)), resolve))
      await new Promise((resolve) => void setTimeout(resolve, 5))
    }
  else answer.write(bytes)
  answer.end()
}
