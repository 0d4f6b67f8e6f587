import { textOfHtml } from './html.js'

/** A lenient MIME parser: broken mails are read as well as possible, nothing throws. */

/** The visible parts of a mail. */
export interface Parsed {
  readonly subject: string
  /** `plain`, `html`, or `both`. */
  readonly kind: string
  readonly text: string
}

export const parseMail = (source: string): Parsed => {
  const { headers, body } = split(source)
  const parts = leavesOf(headers, body, 0)
  const plain = parts.filter(({ type }) => type === 'text/plain')
  const html = parts.filter(({ type }) => type === 'text/html')
  const seen = html.length > 0 ? html.map(({ text }) => textOfHtml(text)) : plain.map(({ text }) => text)
  return {
    subject: decodeWords(headers.get('subject') ?? ''),
    kind: html.length === 0 ? 'plain' : plain.length === 0 ? 'html' : 'both',
    text: seen
      .join('\n')
      .replace(/[^\S\n]+/g, ' ')
      .replace(/\s*\n\s*/g, '\n')
      .trim(),
  }
}

type Headers = ReadonlyMap<string, string>

/** Headers with their continuation lines, and the body after the first empty line. */
const split = (source: string): { readonly headers: Headers; readonly body: string } => {
  const text = source.replace(/\r\n?/g, '\n')
  const end = /\n\n/.exec(text)?.index ?? text.length
  const headers = new Map<string, string>()
  for (const line of text
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const [, name, value] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined && !headers.has(name.toLowerCase()))
      headers.set(name.toLowerCase(), value)
  }
  return { headers, body: text.slice(end + 2) }
}

interface Part {
  readonly type: string
  readonly text: string
}

const leavesOf = (headers: Headers, body: string, depth: number): readonly Part[] => {
  const contentType = headers.get('content-type') ?? 'text/plain'
  const type = (/^[^;\s]+/.exec(contentType)?.[0] ?? 'text/plain').toLowerCase()
  const boundary = parameterOf(contentType, 'boundary')
  if (type.startsWith('multipart/') && boundary !== undefined && depth < 8)
    return body
      .split(`--${boundary}`)
      .slice(1)
      .filter((part) => !part.startsWith('--'))
      .flatMap((part) => {
        const inner = split(part.replace(/^[ \t]*\n/, part.startsWith('\n\n') ? '\n' : ''))
        return leavesOf(inner.headers, inner.body, depth + 1)
      })
  if (type === 'message/rfc822' && depth < 8) {
    const inner = split(body)
    return leavesOf(inner.headers, inner.body, depth + 1)
  }
  if (!type.startsWith('text/') && !type.startsWith('multipart/')) return [] // pictures, programs, signatures
  const text = decode(body, headers.get('content-transfer-encoding'), parameterOf(contentType, 'charset'))
  return [{ type: type === 'text/html' || /^\s*<(!doctype|html)/i.test(text) ? 'text/html' : 'text/plain', text }]
}

const parameterOf = (header: string, name: string): string | undefined => {
  const [, quoted, bare] = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(header) ?? []
  return quoted ?? bare
}

const decode = (body: string, encoding: string | undefined, charset: string | undefined): string => {
  switch (encoding?.trim().toLowerCase()) {
    case 'base64':
      return inCharset(Buffer.from(body, 'base64'), charset)
    case 'quoted-printable':
      return inCharset(bytesOfQuoted(body.replace(/[ \t]*=[ \t]*\n/g, '')), charset)
    default:
      return body
  }
}

const bytesOfQuoted = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/[^\0-\xff]/g, '?')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  )

const inCharset = (bytes: Buffer, charset = 'windows-1252'): string => {
  try {
    return new TextDecoder(charset.trim() === '' ? 'windows-1252' : charset).decode(bytes)
  } catch {
    return bytes.toString('latin1') // an unknown charset
  }
}

/** `=?iso-8859-1?Q?Caf=E9?=` is `Café`. */
const decodeWords = (header: string): string =>
  header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, encoding: string, text: string) =>
      inCharset(
        encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : bytesOfQuoted(text.replaceAll('_', ' ')),
        charset,
      ),
    )
    .trim()
