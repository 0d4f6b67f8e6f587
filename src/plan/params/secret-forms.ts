import { shortestText } from './text-search.js'

/** The forms in which programs write a text: what a secret is looked for as. */

/** Shorter lines of a secret are ordinary words. */
const shortestLine = 8

/**
 * Every form in which a secret may turn up: as it is, line by line, indented, within JSON (also twice) and as Node
 * shows values, within addresses and forms, and in base64 and hexadecimal digits, wherever in what was encoded it
 * stood.
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

/** A text as JSON, Node and addresses write it. */
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
 * As Node shows it within values: quotes escaped only where they are the ones around it, control characters by two
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

/** As the parts of an address keep it: each part has other characters that it must escape. */
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

/** As logs and messages lay it out: further lines indented, line ends as spaces, control characters made visible. */
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

/** Longer lists of bytes are shown by nobody. */
const mostCodes = 10_000

/** Its bytes as base64, in hexadecimal digits, and listed. */
const byteForms = (text: string): readonly string[] => {
  const bytes = Buffer.from(text, 'utf8')
  const hex = bytes.toString('hex')
  const codes = bytes.length > mostCodes ? [] : [bytes.join(','), bytes.join(', ')]
  return [hex, hex.toUpperCase(), ...codes, ...[0, 1, 2].flatMap((before) => base64Forms(bytes, before))].filter(
    (form) => form.length >= shortestText,
  )
}

/** Base64 with so many bytes before it: without the digits that its neighbours change, and with those at its end. */
const base64Forms = (bytes: Buffer, before: number): readonly string[] => {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  const from = Math.ceil((before * 8) / 6)
  const bare = whole.replace(/=+$/, '')
  const own = whole.slice(from, Math.floor(((before + bytes.length) * 8) / 6))
  const forms = [own, bare.slice(from), whole.slice(from)]
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
