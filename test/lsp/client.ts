// A real client of the language server: the command as a process, spoken to over its standard input and output.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import {
  CodeLensRefreshRequest,
  CodeLensRequest,
  CompletionRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  FileChangeType,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type CompletionItem,
  type Diagnostic,
  type Location,
  type MarkupContent,
  type Position,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node'
import { command } from '../cli/fixture.js'

export interface Client {
  readonly server: ChildProcess
  readonly connection: ProtocolConnection
  readonly uri: (path: string) => string
  readonly open: (path: string, text: string) => void
  readonly change: (path: string, text: string) => void
  readonly close: (path: string) => void
  readonly changedOnDisk: (...paths: readonly string[]) => void
  /** Resolves when the diagnostics of a file fulfil a condition; at once where they do already. */
  readonly diagnostics: (
    path: string,
    fulfil?: (found: readonly Diagnostic[]) => boolean,
  ) => Promise<readonly Diagnostic[]>
  /** `line:from-to message` of a file, in order. */
  readonly problems: (path: string, fulfil?: (found: readonly string[]) => boolean) => Promise<readonly string[]>
  readonly complete: (path: string, position: Position) => Promise<readonly CompletionItem[]>
  readonly hover: (path: string, position: Position) => Promise<string | undefined>
  readonly definition: (path: string, position: Position) => Promise<readonly Location[]>
  /** Resolves when the server next asks for what it says above configs to be asked for again. */
  readonly refreshed: () => Promise<void>
  readonly lenses: (path: string) => Promise<readonly string[]>
  /** URIs of the files that have had diagnostics. */
  readonly shown: () => readonly string[]
  /** What went to standard error so far. */
  readonly errors: () => string
  readonly stop: () => Promise<number | null>
}

export interface ClientOptions {
  readonly words?: readonly string[]
  /** Whether the client watches files for the server. Default true. */
  readonly watches?: boolean
  readonly processId?: number | null
  readonly environment?: Readonly<Record<string, string>>
}

export const startClient = async (folder: string, options: ClientOptions = {}): Promise<Client> => {
  const server = spawn(process.execPath, [command, 'lsp', '--stdio', ...(options.words ?? [])], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  })
  let errors = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  )
  server.stdin.on('error', () => undefined)
  const shown = new Map<string, readonly Diagnostic[]>()
  const waiting = new Set<() => void>()
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    shown.set(decodeURIComponent(uri), diagnostics)
    for (const look of waiting) look()
  })
  connection.onRequest(RegistrationRequest.type, () => undefined)
  let refreshes = new Array<() => void>()
  connection.onRequest(CodeLensRefreshRequest.type, () => {
    for (const resolve of refreshes) resolve()
    refreshes = []
  })
  connection.listen()
  const uri = (path: string): string => pathToFileURL(join(folder, path)).href
  await connection.sendRequest(InitializeRequest.type, {
    processId: options.processId === undefined ? process.pid : options.processId,
    // oxlint-disable-next-line typescript/no-deprecated -- the protocol's types still ask for it
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'test' }],
    capabilities: {
      workspace: {
        codeLens: { refreshSupport: true },
        ...(options.watches === false ? {} : { didChangeWatchedFiles: { dynamicRegistration: true } }),
      },
    },
  })
  await connection.sendNotification(InitializedNotification.type, {})
  let version = 0
  const diagnostics: Client['diagnostics'] = (path, fulfil = ({ length }) => length > 0) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = shown.get(decodeURIComponent(uri(path)))
        if (found === undefined || !fulfil(found)) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return {
    server,
    connection,
    uri,
    open: (path, text) =>
      void connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri: uri(path), languageId: 'yaml', version: ++version, text },
      }),
    change: (path, text) =>
      void connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri: uri(path), version: ++version },
        contentChanges: [{ text }],
      }),
    close: (path) =>
      void connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri: uri(path) } }),
    changedOnDisk: (...paths) =>
      void connection.sendNotification(DidChangeWatchedFilesNotification.type, {
        changes: paths.map((path) => ({ uri: uri(path), type: FileChangeType.Changed as FileChangeType })),
      }),
    diagnostics,
    problems: async (path, fulfil = ({ length }) => length > 0) =>
      (await diagnostics(path, (found) => fulfil(found.map(problemText)))).map(problemText),
    complete: async (path, position) => {
      const found = await connection.sendRequest(CompletionRequest.type, {
        textDocument: { uri: uri(path) },
        position,
      })
      return (found as CompletionItem[]).toSorted((left, right) =>
        (left.sortText ?? '') < (right.sortText ?? '') ? -1 : 1,
      )
    },
    hover: async (path, position) => {
      const found = await connection.sendRequest(HoverRequest.type, { textDocument: { uri: uri(path) }, position })
      return (found?.contents as MarkupContent | undefined)?.value
    },
    definition: async (path, position) =>
      ((await connection.sendRequest(DefinitionRequest.type, { textDocument: { uri: uri(path) }, position })) ??
        []) as Location[],
    refreshed: () => new Promise((resolve) => void refreshes.push(resolve)),
    lenses: async (path) =>
      ((await connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: uri(path) } })) ?? []).map(
        ({ range, command: said }) => `${range.start.line + 1}: ${said?.title}`,
      ),
    shown: () => [...shown.keys()],
    errors: () => errors,
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'close')
        const bye = async (): Promise<void> => {
          await connection.sendRequest(ShutdownRequest.type)
          await connection.sendNotification(ExitNotification.type)
        }
        await bye().catch(() => server.stdin.end())
        await ended
      }
      connection.dispose()
      return server.exitCode
    },
  }
}

const problemText = ({ range, message }: Diagnostic): string =>
  `${range.start.line + 1}:${range.start.character + 1}-${range.end.character + 1} ${message}`

/** The position of a mark in a text, and the text without it. */
export const at = (marked: string): { readonly text: string; readonly position: Position } => {
  const [before = '', after = ''] = marked.split('|')
  const lines = before.split('\n')
  return { text: before + after, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } }
}
