import * as t from 'io-ts'

/** What a person wrote to a mailing list, without the quoted text. */
export interface Document {
  readonly id: string
  readonly list: string
  /** The subject without `Re:` and the name of the list. */
  readonly thread: string
  readonly text: string
}
export const Document: t.Type<Document> = t.type(
  { id: t.string, list: t.string, thread: t.string, text: t.string },
  'Document',
)

/** Undefined if a mail was not sent to a list, has several parts, or is almost empty. */
export const documentOf = (id: string, source: string): Document | undefined => {
  const end = source.indexOf('\n\n')
  const headers = source.slice(0, end).replace(/\n[ \t]+/g, ' ')
  const header = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(headers)?.[1]
  const list = /<([^>]+)>/.exec(header('list-id') ?? '')?.[1]
  if (list === undefined || !/^text\/plain/i.test(header('content-type') ?? 'text/plain')) return undefined
  if (/base64|quoted/i.test(header('content-transfer-encoding') ?? '')) return undefined
  const thread = (header('subject') ?? '').replace(/^(\s*((re|fwd?)(\[\d+\])?:|\[[^\]]*\]))+/i, '')
  const lines = source.slice(end).split('\n')
  const footer = lines.findIndex((line) => /^(-- ?|_{20,}|-{20,})$/.test(line))
  const own = lines
    .slice(0, footer < 0 ? lines.length : footer)
    .filter(
      (line) =>
        !/^\s*([>|:%]|\w{1,4}>)|(wrote|writes|said):\s*$|^(from|to|date|subject|url|on .* wrote)\b.*:/i.test(line),
    )
  const text = own.join('\n').trim()
  return wordsOf(text).length < 20 ? undefined : { id, list, thread: thread.trim().toLowerCase(), text }
}

/** Words in lower case, in order. */
export const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[a-z][a-z'+#-]{1,24}/g) ?? []
