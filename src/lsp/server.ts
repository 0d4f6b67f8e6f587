import { dirname } from 'node:path'
import { TextDocument } from 'vscode-languageserver-textdocument'
import {
  CodeLensRefreshRequest,
  createConnection,
  DidChangeWatchedFilesNotification,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node'
import { findProjectFile } from '../adapters/project/project-file.js'
import { ownVersion } from '../base/package-root.js'
import { answerRequests } from './requests.js'
import { filePolling } from './file-polling.js'
import { originOf } from './project-state.js'
import { startSession, type OfProject, type ProjectSession } from './project-session.js'
import { publisher } from './publish.js'
import { pathOfUri } from './uris.js'

/** Options from the command line. */
export interface ServeOptions {
  readonly folder: string
  /** The project's file; undefined: the nearest one above each config. */
  readonly project: string | undefined
  readonly contexts: readonly string[]
  readonly set: readonly string[]
  readonly store: string | undefined
}

/** Serves an editor over standard input and output; the process ends when its client disconnects. */
export const serveConfigs = async (options: ServeOptions): Promise<void> => {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout)
  const documents = new TextDocuments(TextDocument)
  const projects = sessions(connection, documents, options)
  let client: InitializeParams['capabilities'] = {}
  connection.onInitialize((params) => {
    client = params.capabilities
    const roots = (params.workspaceFolders ?? []).flatMap(({ uri }) => pathOfUri(uri) ?? [])
    void projects.lookIn(roots.length === 0 ? [options.folder] : roots)
    return capabilities()
  })
  connection.onInitialized(() => {
    projects.refreshes(client.workspace?.codeLens?.refreshSupport === true)
    if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true)
      void connection.client
        .register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: watched }] })
        .catch(() => filePolling(projects.all, projects.changed))
    else filePolling(projects.all, projects.changed)
  })
  connection.onDidChangeWatchedFiles(({ changes }) =>
    projects.changed(changes.flatMap(({ uri }) => pathOfUri(uri) ?? [])),
  )
  documents.onDidChangeContent(({ document }) => void projects.open(document))
  documents.onDidClose(({ document }) => projects.close(document))
  documents.onDidSave(({ document }) => projects.changed([pathOfUri(document.uri) ?? '']))
  answerRequests(connection, documents, projects.of)
  documents.listen(connection)
  connection.listen()
  await new Promise<never>(() => undefined) // the process ends with the connection
}

const watched = '**/*.{yaml,yml,json,ts,mts,cts,tsx,js,mjs,cjs,jsx}'

const capabilities = (): InitializeResult => ({
  capabilities: {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
    completionProvider: { triggerCharacters: [' ', '.', ':', '{', '#', '/', '"', "'"] },
    hoverProvider: true,
    definitionProvider: true,
    codeLensProvider: {},
  },
  serverInfo: { name: 'taskchain', version: ownVersion() },
})

/** The projects of the open documents, each started when its first document is opened. */
interface Sessions {
  readonly all: () => readonly ProjectSession[]
  readonly lookIn: (folders: readonly string[]) => Promise<void>
  readonly open: (document: TextDocument) => Promise<void>
  readonly close: (document: TextDocument) => void
  readonly changed: (paths: readonly string[]) => void
  /** Undefined if the document is not inside a project. */
  readonly of: (uri: string) => Promise<OfProject | undefined>
  readonly refreshes: (supported: boolean) => void
}

const sessions = (
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  { folder, project, contexts, set, store }: ServeOptions,
): Sessions => {
  const started = new Map<string, ProjectSession>()
  const found = new Map<string, Promise<string | undefined>>()
  let refreshable = false
  const publish = publisher(connection, documents)
  const projectIn = (path: string): Promise<string | undefined> => {
    const known = found.get(path) ?? (project === undefined ? findProjectFile(path) : Promise.resolve(project))
    found.set(path, known)
    return known
  }
  const sessionOf = (file: string): ProjectSession => {
    const known = started.get(file)
    if (known !== undefined) return known
    const session = startSession(
      { file, contexts, set, store, folder },
      {
        problems: () => void publish(session.state()),
        chains: () => {
          if (refreshable) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined)
        },
      },
    )
    started.set(file, session)
    return session
  }
  const of = async (uri: string): Promise<OfProject | undefined> => {
    const path = pathOfUri(uri)
    const file = path === undefined ? undefined : await projectIn(dirname(path))
    if (path === undefined || file === undefined) return undefined
    const session = sessionOf(file)
    return { session, path, origin: originOf(session.state(), path) }
  }
  return {
    all: () => [...started.values()],
    lookIn: async (folders) => {
      for (const one of folders) {
        const file = await projectIn(one)
        if (file !== undefined) sessionOf(file)
      }
    },
    open: async (document) => {
      const owner = await of(document.uri)
      // re-read: the document may have changed since this function began
      const text = documents.get(document.uri)?.getText()
      if (owner === undefined || text === undefined) return
      owner.session.open(owner.path, text)
      await publish(owner.session.state())
    },
    close: (document) => void of(document.uri).then((owner) => owner?.session.open(owner.path, undefined)),
    changed: (paths) => {
      found.clear() // a project may have been added or removed
      for (const session of started.values()) session.changed(paths)
    },
    of,
    refreshes: (supported) => {
      refreshable = supported
    },
  }
}
