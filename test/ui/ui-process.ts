// `taskchain ui` as a process, asked over HTTP as a browser would, or as one would not.
import { spawn } from 'node:child_process'
import { request } from 'node:http'
import type { Actions, Questions } from '../../src/ui/addresses.js'
import { actionAddress, addressOf } from '../../src/ui/addresses.js'
import type { ServerEvent } from '../../src/ui/contract.js'
import { command } from '../cli/fixture.js'

export interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly bytes: Buffer
}

export interface UiProcess {
  readonly port: number
  readonly token: string
  readonly pid: number
  /** A request as it is said, with nothing added but the host. */
  send(
    path: string,
    options?: { readonly method?: string; readonly headers?: object; readonly body?: string },
  ): Promise<Heard>
  /** A question with the token; the shapes are what the tests are about. */
  ask<Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']): Promise<Questions[Name]['answer']>
  act<Name extends keyof Actions>(name: Name, asked: Actions[Name]['asked']): Promise<Actions[Name]['answer']>
  /** Events from now on; resolves with all of them once one fits. */
  until(fits: (event: ServerEvent) => boolean, last?: number): Promise<readonly ServerEvent[]>
  kill(signal?: NodeJS.Signals): void
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

export const startUi = async (folder: string, ...words: string[]): Promise<UiProcess> => {
  const child = spawn(process.execPath, [command, 'ui', '--json', ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const ended = new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, ...said }))
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text
      if (said.out.includes('\n')) resolve()
    })
    void ended.then(({ err }) => reject(new Error(`it ended: ${err}`)))
  })
  const { url, port, pid } = JSON.parse(said.out) as { url: string; port: number; pid: number }
  const token = url.slice(url.indexOf('#token=') + 7)
  const send: UiProcess['send'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const asked = request(
        { port, host: '127.0.0.1', path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
        (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', () => {
            const bytes = Buffer.concat(parts)
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString('utf8'), bytes })
          })
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })
  const known = { authorization: `Bearer ${token}` }
  const until: UiProcess['until'] = (fits, last) =>
    new Promise((resolve, reject) => {
      const heard: ServerEvent[] = []
      const headers = {
        host: `127.0.0.1:${port}`,
        ...known,
        ...(last === undefined ? {} : { 'last-event-id': String(last) }),
      }
      const asked = request({ port, host: '127.0.0.1', path: addressOf('events', {}), headers }, (answer) => {
        let rest = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          const lines = (rest + part).split('\n')
          rest = lines.pop() ?? ''
          for (const one of lines) {
            if (!one.startsWith('data: ')) continue
            const event = JSON.parse(one.slice(6)) as ServerEvent
            heard.push(event)
            if (!fits(event)) continue
            asked.destroy()
            return resolve(heard)
          }
        })
        answer.on('close', () => reject(new Error(`ended after ${JSON.stringify(heard)}`)))
      })
      asked.on('error', reject)
      asked.end()
    })
  return {
    port,
    token,
    pid,
    send,
    until,
    ask: async (name, asked) => JSON.parse((await send(addressOf(name, asked), { headers: known })).text) as never,
    act: async (name, asked) =>
      JSON.parse(
        (
          await send(actionAddress(name), {
            method: 'POST',
            headers: { ...known, 'content-type': 'application/json' },
            body: JSON.stringify(asked),
          })
        ).text,
      ) as never,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    ended,
  }
}
