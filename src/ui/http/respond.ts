import * as E from 'fp-ts/lib/Either.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Actions } from '../addresses.js'
import type { LiveEvents, Numbered } from '../live/live-events.js'
import type { OwnRuns } from '../live/own-runs.js'
import type { ProjectWatch } from '../live/project-watch.js'
import { json, type Answered } from '../reader/answered.js'
import type { ReaderThread } from '../reader/reader-thread.js'
import { refusal } from '../reader/trouble.js'
import { admission, cookieOf, isForeign, type Door, type Visitor } from './gate.js'
import { commonHeaders, contentType, filePolicy, pagePolicy } from './headers.js'
import { readAction } from './read-question.js'
import { routeOf, type QuestionName } from './route.js'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What requests are answered with. */
export interface Serving {
  readonly door: Door
  /** Folder of the page's files. */
  readonly page: string
  readonly answers: ReaderThread
  /** Previews have their own thread, so that a large one does not delay other answers. */
  readonly previews: ReaderThread
  readonly live: LiveEvents
  readonly runs: OwnRuns
  readonly project: ProjectWatch
  readonly actions: boolean
}

/** Answers a request. Never rejects. */
export const respond = async (serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    response.on('error', () => undefined)
    await routed(serving, request, response)
  } catch {
    if (!response.headersSent)
      await send(request, response, failed(500, 'Unforeseen', 'this request could not be answered'))
    else response.destroy()
  }
}

const routed = async (serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const visitor = visitorOf(request)
  const route = routeOf(visitor.method, request.url ?? '/')
  const foreign = isForeign(visitor, serving.door.port)
  if (foreign !== undefined) return send(request, response, failed(403, 'Foreign', `refused: ${foreign}`))
  if (route._tag === 'refused')
    return send(request, response, failed(route.status, 'BadQuestion', route.problem), allowing(route.allow))
  if (route._tag === 'page') return send(request, response, await pageFile(serving.page, route.path), pageHeaders)
  const admitted = admission(visitor, serving.door)
  if (admitted._tag === 'foreign')
    return send(request, response, failed(403, 'Foreign', `refused: ${admitted.problem}`))
  if (admitted._tag === 'unknown') return send(request, response, unknown)
  switch (route._tag) {
    case 'events':
      return sendEvents(serving.live, request, response)
    case 'question':
      return send(request, response, await questionAnswer(serving, route.name, route.asked), fileHeaders)
    case 'action': {
      const answered = await actionAnswer(serving, route.name, request)
      const isSession = route.name === 'session' && answered.status === 200
      return send(request, response, answered, isSession ? { 'set-cookie': cookieOf(serving.door) } : {})
    }
  }
}

const allowing = (allow: string | undefined) => (allow === undefined ? {} : { allow })
const pageHeaders = { 'content-security-policy': pagePolicy }
const fileHeaders = { 'content-security-policy': filePolicy }

const visitorOf = ({ method = '', headers }: IncomingMessage): Visitor => ({
  method,
  host: headers.host,
  origin: headers.origin,
  site: headers['sec-fetch-site'],
  cookie: headers.cookie,
  authorization: headers.authorization,
})

const questionAnswer = async (serving: Serving, name: QuestionName, asked: URLSearchParams): Promise<Answered> => {
  if (name === 'project') return serving.project.answer()
  await serving.project.look()
  const thread = name === 'preview' || name === 'file' ? serving.previews : serving.answers
  return thread.question(name, asked.toString())
}

const longestBody = 1024 * 1024

const actionAnswer = async (
  { answers, runs, project, actions }: Serving,
  name: keyof Actions,
  request: IncomingMessage,
): Promise<Answered> => {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return failed(400, 'BadQuestion', 'the body has to be JSON: content-type: application/json')
  const body = await bodyOf(request)
  if (body === undefined) return failed(400, 'BadQuestion', 'the body is too long')
  if (name === 'session') return json(200, { schema: 1 })
  if (!actions) return failed(403, 'ReadOnly', 'this page cannot change anything: it was started with --read-only')
  await project.look()
  switch (name) {
    case 'ask':
      return answers.action('ask', body)
    case 'force': {
      const asked = readAction('force', body)
      if (E.isRight(asked) && runs.isBusy(asked.right.config)) return busy(asked.right.config)
      return answers.action('force', body)
    }
    case 'start': {
      const asked = readAction('start', body)
      if (E.isLeft(asked)) return failed(400, 'BadQuestion', asked.left)
      // the names are checked against the plan, so that only tasks of this config ever get onto a command line
      const { config, tasks, force = [] } = asked.right
      const checked = await answers.action(
        'ask',
        JSON.stringify({ action: 'run', config, tasks: [...tasks, ...force] }),
      )
      if (checked.status !== 200) return checked
      const started = runs.start(asked.right)
      return started === undefined ? busy(config) : json(200, { schema: 1, started })
    }
    case 'abort': {
      const asked = readAction('abort', body)
      if (E.isLeft(asked)) return failed(400, 'BadQuestion', asked.left)
      return json(200, { schema: 1, stopping: runs.abort(asked.right.started) })
    }
  }
}

const busy = (config: string): Answered =>
  failed(409, 'Busy', `a run of ${config} that this page has started is still going`, 'wait for it to end, or abort it')

/** Undefined if it is too long. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    parts.push(part as Buffer) // a request without an encoding yields buffers
    size += (part as Buffer).length
    if (size > longestBody) return undefined
  }
  return Buffer.concat(parts).toString('utf8')
}

const failed = (status: 400 | 403 | 404 | 405 | 409 | 500, tag: string, message: string, hint?: string): Answered => ({
  ...json(status, refusal(400, tag, message, hint).failure),
  status,
})

const unknown: Answered = {
  ...json(
    401,
    refusal(400, 'Unknown', 'no token, or one of another server', 'open the address that the terminal shows').failure,
  ),
  status: 401,
}

const send = async (
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body }: Answered,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const packed = await compact(body, request.headers['accept-encoding'])
  response.writeHead(status, {
    ...commonHeaders,
    'content-security-policy': filePolicy,
    ...headers,
    ...packed.headers,
    'content-type': type,
    'content-length': packed.body.byteLength,
  })
  response.end(request.method === 'HEAD' ? undefined : packed.body)
}

const packed = promisify(gzip)

/** Smaller answers are sent uncompressed. */
const smallest = 4096

/** An answer's bytes, compressed if they are many and the browser accepts that. */
const compact = async (
  body: Uint8Array,
  accepts: string | undefined,
): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }> =>
  body.byteLength < smallest || !/\bgzip\b/.test(accepts ?? '')
    ? { body, headers: {} }
    : { body: await packed(body, { level: constants.Z_BEST_SPEED }), headers: { 'content-encoding': 'gzip' } }

/** A file of the page. `path` has been validated, so it cannot lead elsewhere. */
const pageFile = async (folder: string, path: string): Promise<Answered> => {
  const body = await readFile(join(folder, path)).catch(() => undefined)
  if (body !== undefined) return { status: 200, type: contentType(path), body }
  return path === 'index.html' ? notBuilt : { status: 404, type: 'text/plain; charset=utf-8', body: Buffer.from('') }
}

const notBuilt: Answered = {
  status: 503,
  type: 'text/plain; charset=utf-8',
  body: Buffer.from('The page is not built: run `npm run build`. The answers below /api/ work nevertheless.\n'),
}

const beatMilliseconds = 15_000
/** A page with more unread bytes than this is disconnected; it reconnects and gets the events it missed. */
const maxWaiting = 16 * 1024 * 1024

/** Sends events to a page until it disconnects. */
const sendEvents = (live: LiveEvents, request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { ...commonHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
  const given = Number(request.headers['last-event-id'] ?? NaN)
  const send = ({ id, event }: Numbered): void => {
    if (response.writableLength > maxWaiting) response.destroy()
    else response.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
    if (event.kind === 'closing') response.end()
  }
  for (const one of live.catchUp(Number.isSafeInteger(given) ? given : undefined)) send(one)
  const end = live.watch(send)
  const beat = setInterval(() => response.write(': \n\n'), beatMilliseconds)
  beat.unref()
  response.on('close', () => {
    clearInterval(beat)
    end()
  })
}
