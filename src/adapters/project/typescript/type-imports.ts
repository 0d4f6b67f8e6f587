import type { ImportDeclaration } from 'acorn'
import { acorn } from './loaded-late.js'

/**
 * JavaScript without imports that only types have used: unused names are blanked, as the TypeScript compiler omits
 * them. undefined if the code is not JavaScript.
 *
 * @example
 * withoutTypeImports("import { Row } from './row.js'\nlet a", false) // => spaces, and `let a` on its line
 */
export const withoutTypeImports = (code: string, verbatim: boolean): string | undefined => {
  const program = parsed(code)
  if (program === undefined || verbatim) return program === undefined ? undefined : code
  const imports = program.body.filter((node): node is ImportDeclaration => node.type === 'ImportDeclaration')
  const named = imports.filter(({ specifiers }) => specifiers.length > 0)
  if (named.length === 0) return code
  const used = namesIn(program.body.filter(({ type }) => type !== 'ImportDeclaration'))
  return named.reduce((text, declaration) => {
    const unused = declaration.specifiers.filter(({ local }) => !used.has(local.name))
    return unused.length === 0 ? text : blanked(text, placesOf(declaration, unused, text))
  }, code)
}

const parsed = (code: string) => {
  try {
    return acorn().parse(code, {
      ecmaVersion: 'latest',
      sourceType: 'module',
      allowHashBang: true,
      allowReturnOutsideFunction: true,
    })
  } catch {
    return undefined
  }
}

interface Place {
  readonly start: number
  readonly end: number
  readonly isStatement?: boolean
}

/** The entire import if nothing of it is used; otherwise each unused name with its superfluous comma. */
const placesOf = (
  { start, end, specifiers }: ImportDeclaration,
  unused: readonly Place[],
  text: string,
): readonly Place[] =>
  unused.length === specifiers.length
    ? [{ start, end, isStatement: true }]
    : unused.map((name) => {
        const comma = /^(?:\s|\/\*[^]*?\*\/|\/\/.*)*,/.exec(text.slice(name.end, end))
        const isNamespace = text.startsWith('*', name.start) // it comes last, after a default import
        return {
          start: isNamespace ? (specifiers[0]?.end ?? name.start) : name.start,
          end: name.end + (comma?.[0].length ?? 0),
        }
      })

/** Layout stays, and so does the end of a statement: the lines around it must not become one statement. */
const blanked = (text: string, places: readonly Place[]): string =>
  places.reduce((left, { start, end, isStatement = false }) => {
    const blank = left.slice(start, end).replaceAll(/[^\n\r]/g, ' ')
    return left.slice(0, start) + (isStatement ? `;${blank.slice(1)}` : blank) + left.slice(end)
  }, text)

/** Every name in the code, whether or not it is a variable. */
const namesIn = (value: unknown, names: Set<string> = new Set()): ReadonlySet<string> => {
  if (Array.isArray(value)) for (const item of value) namesIn(item, names)
  else if (typeof value === 'object' && value !== null) {
    const { type, name } = value as { readonly type?: unknown; readonly name?: unknown }
    if (type === 'Identifier' && typeof name === 'string') names.add(name)
    else for (const field of Object.values(value)) if (typeof field === 'object') namesIn(field, names)
  }
  return names
}
