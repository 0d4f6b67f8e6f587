import { shortestText } from './text-search.js'

/** The forms in which programs write a text, to find secrets in output. */

/** Shorter lines of a secret may be ordinary words. */
const shortestLine = 8

/**
 * Every form in which a secret may appear: unchanged, line by line, indented, within JSON (also nested) and as printed
 * by Node, within URLs and form data, and in base64 and hexadecimal digits at any offset of the encoded text.
 */
export const formsOf = (secret: string): readonly string[] => {
  const wholes = [...new Set([secret, secret.trim(), secret.replace(/\r\n/g, '\n')])]
  const lines = /[\r\n]/.test(secret)
    ? secret
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line.length >= shortestLine)
    : []
  const forms = [
    ...wholes.flatMap((text) => [...writtenForms(text), ...layoutForms(text), ...byteForms(text)]),
    ...lines.flatMap(writtenForms),
  ]
  return [...new Set(forms)].filter((text) => text.length >= shortestText)
}

/** A text as written in JSON, by Node and in URLs. */
const writtenForms = (text: string): readonly string[] => {
  if (/^[\w-]*$/.test(text)) return [text]
  const json = inJson(text)
  const component = encodeURIComponent(text.toWellFormed())
  return [
    text,
    json,
    inJson(json),
    ...shownForms(json),
    component,
    component.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase()),
    encodeURIComponent(component),
    new URLSearchParams([['', text]]).toString().slice(1),
    ...addressForms(text),
  ]
}

/**
 * As printed by Node within values: only quotes of the surrounding kind are escaped; control characters have two
 * digits.
 */
const shownForms = (json: string): readonly string[] => {
  const unquoted = json.replaceAll('\\"', '"')
  const code = (digits: string): string => `\\x${digits.toUpperCase()}`
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const shown = unquoted
    .replace(/\\u00([01][0-9a-f])/g, (_, digits: string) => code(digits))
    .replace(/[\u007f-\u009f]/g, (letter) => code(letter.charCodeAt(0).toString(16)))
  return [unquoted, shown, shown.replaceAll("'", "\\'"), shown.replaceAll('`', '\\`')]
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** As written in the parts of a URL, each of which escapes different characters. */
const addressForms = (text: string): readonly string[] => {
  const address = new URL('http://host/')
  const forms: string[] = []
  address.search = text
  forms.push(address.search.slice(1))
  address.hash = text
  forms.push(address.hash.slice(1))
  address.username = text
  forms.push(address.username)
  const path = new URL('http://host/')
  path.pathname = text
  forms.push(path.pathname.replace(/^\//, ''))
  return [...forms, new URL(`http://host/?${text}`).href.slice('http://host/?'.length)]
}

/** As formatted in logs and messages: further lines indented, line ends as spaces, control characters made visible. */
const layoutForms = (text: string): readonly string[] => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(text)) return []
  // oxlint-disable-next-line no-control-regex -- as above
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
  const code = (letter: string, digits: number): string => letter.charCodeAt(0).toString(16).padStart(digits, '0')
  const hexed = text.replace(control, (letter) => `\\x${code(letter, 2)}`)
  const oneLine = text
    .replace(/[\n\t]/g, ' ')
    .replace(/\r/g, '\\u000d')
    .replace(control, (letter) => `\\u${code(letter, 4)}`)
  return [
    hexed,
    hexed.replace(/\r?\n/g, '\n    '),
    text.replace(/\r?\n/g, '\n    '),
    oneLine,
    text.replace(/\s+/g, ' '),
  ]
}

/** Longer lists of bytes are never printed. */
const maxCodes = 10_000

/** Its bytes in base64, in hexadecimal digits, and as lists. */
const byteForms = (text: string): readonly string[] => {
  const bytes = Buffer.from(text, 'utf8')
  const hex = bytes.toString('hex')
  const codes = bytes.length > maxCodes ? [] : [bytes.join(','), bytes.join(', ')]
  return [hex, hex.toUpperCase(), ...codes, ...[0, 1, 2].flatMap((before) => base64Forms(bytes, before))].filter(
    (form) => form.length >= shortestText,
  )
}

/** Base64 at an offset of `before` bytes: without the digits that neighbours affect, and with those at its end. */
const base64Forms = (bytes: Buffer, before: number): readonly string[] => {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  const from = Math.ceil((before * 8) / 6)
  const bare = whole.replace(/=+$/, '')
  const own = whole.slice(from, Math.floor(((before + bytes.length) * 8) / 6))
  const forms = [own, bare.slice(from), whole.slice(from)]
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
