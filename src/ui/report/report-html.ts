import { createHash } from 'node:crypto'
import type { Embedded } from '../contract.js'

/** The page as a single file: script and style inline, with the answers that it would request from a server. */

/** Files of the built page. */
export interface PageParts {
  readonly index: string
  readonly style: string
  readonly script: string
  /** The worker that lays out graphs; started from its text. */
  readonly worker: string
}

const styleTag = '<link rel="stylesheet" href="page.css">'
const scriptTag = '<script type="module" src="page.js"></script>'

/** Undefined if the built page is not as expected. The same parts give the same bytes. */
export const reportHtml = (parts: PageParts, embedded: Embedded): string | undefined => {
  const { index, style } = parts
  const script = insideScript(parts.script)
  const [start, afterStyle] = cutAt(index, styleTag)
  const [between, end] = cutAt(afterStyle ?? '', scriptTag)
  if (afterStyle === undefined || end === undefined || style.includes('</style')) return undefined
  const policy = `<meta http-equiv="content-security-policy" content="${policyOf(style, script)}">`
  const [head, afterHead] = cutAt(start, '<head>')
  if (afterHead === undefined) return undefined
  return [
    `${head}<head>\n    ${policy}${afterHead}`,
    `<style>${style}</style>${between}`,
    `<script type="application/json" id="taskchain-embedded">${jsonInside(embedded)}</script>\n    `,
    `<script type="text/plain" id="taskchain-layout-worker">${insideScript(parts.worker)}</script>\n    `,
    `<script type="module">${script}</script>${end}`,
  ].join('')
}

const cutAt = (text: string, mark: string): readonly [string, string | undefined] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)]
}

/** Allows only this script and style, pictures in the file, and the worker that its script creates. */
const policyOf = (style: string, script: string): string =>
  [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** JSON in which no text ends or starts an element. */
export const jsonInside = (value: unknown): string =>
  JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

/** Code in which nothing ends its element: such marks occur only in texts and patterns, where `\\x3c` is equivalent. */
const insideScript = (code: string): string => code.replaceAll(/<(?=\/script|!--)/gi, '\\x3c')
