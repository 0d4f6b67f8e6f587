import { readFile } from 'node:fs/promises'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { DiagnosticSeverity, type Connection, type Diagnostic, type TextDocuments } from 'vscode-languageserver/node'
import { underlined, type Underlined } from './diagnostics.js'
import { pathOf, problemsOf, type ProjectState } from './project-state.js'
import { pathOfUri, uriOfPath } from './uris.js'

/** Sends a client the problems of a project: only for files whose problems changed, and only the latest state. */
export const publisher = (
  connection: Connection,
  documents: TextDocuments<TextDocument>,
): ((state: ProjectState) => Promise<void>) => {
  const shown = new Map<string, ReadonlyMap<string, string>>()
  const latest = new Map<string, ProjectState>()
  const busy = new Set<string>()
  const showAll = async (state: ProjectState): Promise<void> => {
    const before = shown.get(state.file) ?? new Map<string, string>()
    const open = new Map(documents.all().map((document) => [pathOfUri(document.uri) ?? '', document]))
    const now = new Map<string, string>()
    const found = [...(await diagnosticsOf(state, open))]
    for (const [path, diagnostics] of found) {
      const document = open.get(path)
      const text = JSON.stringify([document?.version, diagnostics])
      now.set(path, text)
      if (before.get(path) !== text) await send(document?.uri ?? uriOfPath(path), document?.version, diagnostics)
    }
    for (const path of before.keys())
      if (!now.has(path)) await send(open.get(path)?.uri ?? uriOfPath(path), undefined, [])
    shown.set(state.file, now)
  }
  const send = (uri: string, version: number | undefined, diagnostics: readonly Diagnostic[]): Promise<void> =>
    connection.sendDiagnostics({ uri, ...(version === undefined ? {} : { version }), diagnostics: [...diagnostics] })
  return async (state) => {
    latest.set(state.file, state)
    if (busy.has(state.file)) return
    busy.add(state.file)
    try {
      for (let next = latest.get(state.file); next !== undefined; next = latest.get(state.file)) {
        latest.delete(state.file)
        await showAll(next)
      }
    } finally {
      busy.delete(state.file)
    }
  }
}

const diagnosticsOf = async (
  state: ProjectState,
  open: ReadonlyMap<string, TextDocument>,
): Promise<ReadonlyMap<string, readonly Diagnostic[]>> => {
  const found = new Map<string, Diagnostic[]>()
  for (const [origin, problems] of problemsOf(state)) {
    const path = pathOf(state, origin)
    const text = open.get(path)?.getText() ?? (await readFile(path, 'utf8').catch(() => ''))
    found.set(path, underlined(problems, text).map(diagnosticOf))
  }
  const { failure } = state
  if (failure !== undefined) {
    const { file, line, column } = failure.at ?? { file: state.file, line: 1, column: 1 }
    const message = [failure.message, failure.hint].filter((part) => part !== undefined).join('\n')
    const stretch = { line, from: column, to: column + 1 }
    const shown = diagnosticOf({ stretch, severity: 'error', code: failure.code, message })
    found.set(file, [...(found.get(file) ?? []), shown])
  }
  return found
}

const diagnosticOf = ({ stretch, severity, code, message }: Underlined): Diagnostic => ({
  range: {
    start: { line: stretch.line - 1, character: stretch.from - 1 },
    end: { line: stretch.line - 1, character: stretch.to - 1 },
  },
  severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
  code,
  source: 'taskchain',
  message,
})
