import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { respond, type Serving } from './http/respond.js'
import { followRunsAt } from './live/follow-requests.js'
import { followRuns, type RunFollower } from './live/follow-runs.js'
import { liveEvents } from './live/live-events.js'
import { ownRuns } from './live/own-runs.js'
import { projectWatch, type Located } from './live/project-watch.js'
import { originIn } from './reader/origin-in.js'
import type { ReaderOptions } from './reader/reader.js'
import { readerThread } from './reader/reader-thread.js'

/** What `taskchain ui` serves, and how. */
export interface UiOptions extends ReaderOptions {
  /** 0: any free port. */
  readonly port: number
  /** The words that start this command line, before the name of a command. */
  readonly command: readonly string[]
  /** Options of every run that the page starts. */
  readonly runOptions: readonly string[]
  /** Module of the thread that reads the project. */
  readonly thread: string
  /** Folder of the page's files. */
  readonly page: string
}

export interface UiServer {
  readonly port: number
  /** Includes the token, so it grants full access. */
  readonly url: string
  /** Stops runs that were started here, and notifies pages. */
  close(): Promise<void>
}

/** Milliseconds for one answer: previews are given up sooner than plans of a whole tree. */
const patience = { answers: 120_000, previews: 20_000 }

/** Starts a server on the loopback interface. Rejects with the system's error if it cannot listen on the port. */
export const startUi = async (options: UiOptions): Promise<UiServer> => {
  const { port, command, runOptions, thread, page, ...readerOptions } = options
  const [answers, previews] = [
    readerThread(thread, readerOptions, patience.answers),
    readerThread(thread, readerOptions, patience.previews),
  ]
  const live = liveEvents(() => project.generation())
  const project = projectWatch({ answers, previews, live })
  live.listen(({ event }) => {
    if (event.kind === 'changed' && event.what === 'store') answers.forget('results')
  })
  let follower: RunFollower | undefined
  let place: Located | undefined
  const pathOf = (config: string): string =>
    place === undefined || place.root === options.folder ? config : join(place.root, config)
  const runs = ownRuns(command, runOptions, options.folder, live, pathOf, () => follower?.look())
  void project.located.then((located) => {
    const { root, configs, store, address } = located
    place = located
    void previews.question('project', '') // warms up, so that the first preview is fast
    const nameOf = (config: string): string => originIn(root, configs, config)
    if (isAbsolute(store)) follower = followRuns(store, live, runs, nameOf)
    else if (address !== undefined) follower = followRunsAt(address, root, live, runs, nameOf)
  })
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 96 * 1024 })
  server.maxConnections = 256
  const own = await listening(server, port)
  const door = { port: own, token: secret(), pass: secret() }
  const serving: Serving = { door, page, answers, previews, live, runs, project, actions: options.actions }
  server.on('request', (request, response) => void respond(serving, request, response))
  void project.look()
  return {
    port: own,
    url: `http://127.0.0.1:${own}/#token=${door.token}`,
    close: async () => {
      live.closing()
      project.close()
      await runs.close()
      follower?.close()
      await closed(server)
      await Promise.all([answers.close(), previews.close()])
    },
  }
}

/** Milliseconds that pages get to read their last events. */
const lastWords = 300

const closed = async (server: Server): Promise<void> => {
  const timer = setTimeout(() => server.closeAllConnections(), lastWords)
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
  })
  clearTimeout(timer)
}

const secret = (): string => randomBytes(32).toString('base64url')

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', () => undefined) // a failed connection must not end the server
      resolve((server.address() as AddressInfo).port) // of a server that listens on a port
    })
  })
