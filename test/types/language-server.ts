import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repository } from './generated-project.js'

/** What an editor sees: a small client of the compiler's language server. */
export interface Editor {
  /** Signature shown at the first occurrence of a text, so many characters in; on one line. */
  hover(text: string, offset?: number): Promise<string>
  /** Where the name at the first occurrence of a text, so many characters in, is declared: file and line. */
  definition(text: string, offset?: number): Promise<readonly string[]>
  /** What is offered after the last occurrence of a text. */
  completions(after: string): Promise<readonly string[]>
  close(): void
}

interface Location {
  readonly uri: string
  readonly range: { readonly start: { readonly line: number } }
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

/** Opens one file; `text` stands in for what is on disk. */
export const openEditor = async (file: string, text = readFileSync(file, 'utf8')): Promise<Editor> => {
  const server = spawn(join(repository, 'node_modules/.bin/tsc'), ['--lsp', '--stdio'], {
    cwd: repository,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const waiting = new Map<number, (result: unknown) => void>()
  let received = Buffer.alloc(0)
  let last = 0
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const ask = (method: string, params: object): Promise<unknown> => {
    const id = ++last
    send({ id, method, params })
    return new Promise((resolve) => waiting.set(id, resolve))
  }
  const take = (message: Message): void => {
    if (message.id === undefined) return
    // the server asks back: configuration, registrations
    if (message.method !== undefined) return send({ id: message.id, result: null })
    waiting.get(message.id)?.(message.result)
    waiting.delete(message.id)
  }
  server.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const split = received.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, Math.max(split, 0)).toString())?.[1])
      if (split < 0 || received.length < split + 4 + length) return
      take(JSON.parse(received.subarray(split + 4, split + 4 + length).toString()) as Message)
      received = received.subarray(split + 4 + length)
    }
  })
  const uri = pathToFileURL(file).href
  await ask('initialize', { processId: process.pid, rootUri: pathToFileURL(repository).href, capabilities: {} })
  send({ method: 'initialized', params: {} })
  send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'typescript', version: 1, text } },
  })
  const position = (offset: number): object => {
    const before = text.slice(0, offset).split('\n')
    return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } }
  }
  const offsetOf = (at: number, piece: string): number => {
    if (at < 0) throw new Error(`no '${piece}' in ${file}`)
    return at
  }
  return {
    hover: async (piece, offset = 0) => {
      const shown = (await ask('textDocument/hover', position(offsetOf(text.indexOf(piece), piece) + offset))) as {
        contents: { value: string }
      } | null
      const code = /```\w*\n([^]*?)\n?```/.exec(shown?.contents.value ?? '')?.[1] ?? String(shown?.contents.value)
      return code.replace(/\s+/g, ' ').trim().replaceAll(repository, '.')
    },
    definition: async (piece, offset = 0) => {
      const found = (await ask('textDocument/definition', position(offsetOf(text.indexOf(piece), piece) + offset))) as
        | readonly Location[]
        | Location
        | null
      return (found === null ? [] : 'uri' in found ? [found] : found).map(
        (one) => `${basename(one.uri)}:${one.range.start.line + 1}`,
      )
    },
    completions: async (after) => {
      const list = (await ask(
        'textDocument/completion',
        position(offsetOf(text.lastIndexOf(after), after) + after.length),
      )) as { items: readonly { label: string }[] } | null
      return (list?.items ?? []).map((item) => item.label).toSorted()
    },
    close: () => void server.kill(),
  }
}
