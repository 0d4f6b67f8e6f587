import { readFile } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type Connection,
  type Location,
  type TextDocuments,
} from 'vscode-languageserver/node'
import { resolveOrigin, splitPart } from '../config/uses.js'
import { completionsIn, configsIn, definitionIn, hoverIn, lensesIn, type Document } from './answers.js'
import type { Completion } from './complete.js'
import { declarationIn, type Wanted } from './definition.js'
import { kindOf, pathOf, rootOf, type ProjectState } from './project-state.js'
import type { OfProject } from './project-session.js'
import { linesOf } from './ranges.js'
import { entryIn, nodeAt, textTree } from './text-tree.js'
import { uriOfPath } from './uris.js'

type Documents = TextDocuments<TextDocument>

/** A request about a document of a project. */
interface Asked extends Document {
  readonly document: TextDocument
  readonly session: OfProject['session']
  readonly state: ProjectState
}

/** Answers a client's requests about documents; ignores documents that are not configs of a project. */
export const answerRequests = (
  connection: Connection,
  documents: Documents,
  of: (uri: string) => Promise<OfProject | undefined>,
): void => {
  const asked = async (uri: string): Promise<Asked | undefined> => {
    const owner = await of(uri)
    const document = documents.get(uri)
    if (owner === undefined || document === undefined) return undefined
    const { session, origin } = owner
    return { document, session, origin, state: session.state(), text: document.getText() }
  }
  connection.onCompletion(async ({ textDocument, position }) => {
    const question = await asked(textDocument.uri)
    if (question === undefined) return []
    const { document, state } = question
    const offset = document.offsetAt(position)
    return completionsIn(state, question, offset).map((one, index) => itemOf(document, offset, one, index))
  })
  connection.onHover(async ({ textDocument, position }) => {
    const question = await asked(textDocument.uri)
    const hover = question && hoverIn(question.state, question, question.document.offsetAt(position))
    if (question === undefined || hover === undefined) return null
    const { document } = question
    return {
      contents: { kind: MarkupKind.Markdown, value: hover.text },
      range: { start: document.positionAt(hover.from), end: document.positionAt(hover.to) },
    }
  })
  connection.onDefinition(async ({ textDocument, position }) => {
    const question = await asked(textDocument.uri)
    return question === undefined ? null : definitions(question, question.document.offsetAt(position))
  })
  connection.onCodeLens(async ({ textDocument }, cancelled) => {
    const question = await asked(textDocument.uri)
    const kind = question && kindOf(question.state, question.origin, question.text)
    if (question === undefined || kind === undefined) return []
    const { session } = question
    const views = await Promise.all(
      configsIn(question, kind).map(async ({ config }) => [config, await session.view(config)] as const),
    )
    if (cancelled.isCancellationRequested) return []
    return lensesIn(session.state(), question, new Map(views)).map(({ line, title }) => ({
      range: { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: 0 } },
      command: { title, command: '' },
    }))
  })
}

const kinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  param: CompletionItemKind.Property,
  keyword: CompletionItemKind.Keyword,
  task: CompletionItemKind.Function,
  group: CompletionItemKind.Module,
  class: CompletionItemKind.Class,
  argument: CompletionItemKind.Field,
  config: CompletionItemKind.File,
  value: CompletionItemKind.Value,
  placeholder: CompletionItemKind.Variable,
  namespace: CompletionItemKind.Module,
}

const itemOf = (
  document: TextDocument,
  offset: number,
  { label, kind, detail, doc, insert, from, to, rank }: Completion,
  index: number,
): CompletionItem => {
  const start = document.positionAt(from)
  const end = document.positionAt(Math.max(to, offset))
  const whole = start.line === end.line // editors accept only a range within one line
  return {
    label,
    kind: kinds[kind],
    ...(detail === undefined ? {} : { detail }),
    ...(doc === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: doc } }),
    sortText: `${String(rank).padStart(3, '0')}${String(index).padStart(6, '0')}`,
    textEdit: {
      range: whole ? { start, end } : { start: document.positionAt(offset), end: document.positionAt(offset) },
      newText: insert,
    },
  }
}

const definitions = async (question: Asked, offset: number): Promise<Location[] | null> => {
  const found = definitionIn(question.state, question, offset)
  if (found === undefined) return null
  if (found.of === 'config') return configLocation(question, found.uses)
  const texts = new Map<string, Promise<string>>()
  const textOf = (file: string): Promise<string> => {
    const known = texts.get(file) ?? readFile(file, 'utf8').catch(() => '')
    texts.set(file, known)
    return known
  }
  const locations = await Promise.all(found.wanted.map((one) => firstLocation(one, textOf)))
  return [...new Map(locations.flat().map((one) => [JSON.stringify(one), one])).values()]
}

const firstLocation = async (
  wanted: readonly Wanted[],
  textOf: (file: string) => Promise<string>,
): Promise<readonly Location[]> => {
  for (const one of wanted) {
    const declared = declarationIn(await textOf(one.file), one)
    if (declared === undefined) continue
    const { line, character, length } = declared
    const range = { start: { line, character }, end: { line, character: character + length } }
    return [{ uri: uriOfPath(one.file), range }]
  }
  const [first] = wanted // fall back to the module
  const top = { line: 0, character: 0 }
  return first?.of === 'task' ? [{ uri: uriOfPath(first.file), range: { start: top, end: top } }] : []
}

/** The config, or the part of it, that an entry of `uses` names. */
const configLocation = async ({ state, origin, text }: Asked, uses: string): Promise<Location[] | null> => {
  const { path, part } = splitPart(uses.replace(/\s+as\s+\S+\s*$/, '').trim())
  const target = path === '' ? E.right(origin) : resolveOrigin(origin, path, { root: rootOf(state) })
  if (E.isLeft(target)) return null
  const file = pathOf(state, target.right)
  const other = path === '' ? text : await readFile(file, 'utf8').catch(() => undefined)
  if (other === undefined) return null
  const at = part === undefined ? 0 : (entryIn(nodeAt(textTree(other), ['configs']), part)?.keyNode?.from ?? 0)
  const { line, column } = linesOf(other).placeAt(at)
  const start = { line: line - 1, character: column - 1 }
  return [{ uri: uriOfPath(file), range: { start, end: start } }]
}
