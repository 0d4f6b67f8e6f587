/**
 * How values are displayed in Deno's Jupyter kernel: it asks an object for texts by media type under this symbol.
 * Names and values are data: markup in them is shown as text.
 */
export const displaySymbol: unique symbol = Symbol.for('Jupyter.display') as never // `for` gives no unique type

/** Texts by media type. */
export type MediaBundle = Readonly<Record<string, string>>

/** The display method of an object, for `Object.defineProperties`: not enumerable, so that it compares as before. */
export const displayedAs = (media: () => MediaBundle | Promise<MediaBundle>): PropertyDescriptorMap => ({
  [displaySymbol]: { value: media },
})

/** A table of texts for display. */
export interface ShownTable {
  /** One line above the table. */
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Says what is not shown, if anything. */
  readonly rest?: string
}

const longestCell = 200

/** A table as HTML, Markdown and plain text. */
export const mediaOfTable = (table: ShownTable): MediaBundle => {
  const cut = { ...table, rows: table.rows.map((row) => row.map(shortened)) }
  return { 'text/html': htmlOf(cut), 'text/markdown': markdownOf(cut), 'text/plain': plainOf(cut) }
}

const shortened = (text: string): string => (text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text)

/** Escapes a text for HTML, including attributes. */
export const htmlText = (text: string): string =>
  visible(text).replace(/[&<>"'`]/g, (letter) => `&#${letter.charCodeAt(0)};`)

/** Control characters and those that change the text direction are shown as their code points. */
const visible = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (letter) => (letter === '\n' ? '↵' : `\\u{${letter.charCodeAt(0).toString(16)}}`),
  )

const htmlOf = ({ title, columns, rows, rest }: ShownTable): string =>
  [
    `<p>${htmlText(title)}</p>`,
    `<table><thead><tr>${columns.map((one) => `<th>${htmlText(one)}</th>`).join('')}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map((cell) => `<td>${htmlText(cell)}</td>`).join('')}</tr>`),
    '</tbody></table>',
    ...(rest === undefined ? [] : [`<p>${htmlText(rest)}</p>`]),
  ].join('\n')

/** Every letter that Markdown or HTML might treat as markup becomes an entity. */
const markdownText = (text: string): string =>
  visible(text).replace(/[^\p{L}\p{N} .,:;+=↵…-]/gu, (letter) => `&#${letter.codePointAt(0)};`)

const markdownOf = ({ title, columns, rows, rest }: ShownTable): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`
  return [
    markdownText(title),
    '',
    line(columns),
    `|${' --- |'.repeat(columns.length)}`,
    ...rows.map(line),
    ...(rest === undefined ? [] : ['', markdownText(rest)]),
  ].join('\n')
}

const plainOf = ({ title, columns, rows, rest }: ShownTable): string => {
  const lines = [columns, ...rows].map((row) => row.map(visible))
  const widths = columns.map((_, at) => lines.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0))
  return [
    visible(title),
    '',
    ...lines.map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...(rest === undefined ? [] : ['', visible(rest)]),
  ].join('\n')
}
