import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * What the package exports, read from its built declarations. tsc writes top-level statements from column 0 and indents
 * what is inside them, so that lines are enough to tell statements apart.
 */

export interface Statement {
  readonly file: string
  readonly name: string
  readonly kind: 'const' | 'function' | 'class' | 'interface' | 'type'
  /** The comment above it, without stars. */
  readonly doc: string
  /** Its text, with the comments of its members. */
  readonly text: string
}

export interface Exported {
  readonly entrance: string
  readonly name: string
  /** Undefined where it comes from another package. */
  readonly statement: Statement | undefined
}

interface Declarations {
  readonly statements: ReadonlyMap<string, Statement>
  /** Names that the file imports or hands on, with the file and the name that they have there. */
  readonly imported: ReadonlyMap<string, { readonly from: string; readonly name: string }>
  readonly handedOn: ReadonlyMap<string, { readonly from: string; readonly name: string }>
}

const root = resolve(import.meta.dirname, '../..')
const read = new Map<string, Declarations>()

const head = /^(?:export )?(?:declare )?(?:abstract )?(const|function|class|interface|type) (\w+)/

/** Top-level chunks: a comment, or a statement with its indented lines and its closing bracket. */
const chunksOf = (text: string): readonly string[] =>
  text.split(/^(?=\/\*\*|export |declare |import |type |interface |const |function |class )/m)

const plainComment = (comment: string): string =>
  comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()

const namesIn = (list: string): readonly (readonly [string, string])[] =>
  list
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', alias = name] = one.split(' as ')
      return [name, alias] as const
    })

const readDeclarations = (file: string): Declarations => {
  const known = read.get(file)
  if (known !== undefined) return known
  const statements = new Map<string, Statement>()
  const imported = new Map<string, { from: string; name: string }>()
  const handedOn = new Map<string, { from: string; name: string }>()
  let doc = ''
  for (const chunk of chunksOf(readFileSync(file, 'utf8'))) {
    if (chunk.startsWith('/**')) {
      doc = plainComment(chunk.slice(0, chunk.indexOf('*/') + 2))
      continue
    }
    const passed = /^(import|export)(?: type)? (?:\w+, )?\{([^}]*)\} from ['"]([^'"]+)['"]/.exec(chunk)
    if (passed !== null) {
      const [, verb, list = '', specifier = ''] = passed
      const from = specifier.startsWith('.') ? join(dirname(file), specifier.replace(/\.js$/, '.d.ts')) : specifier
      for (const [name, alias] of namesIn(list)) (verb === 'import' ? imported : handedOn).set(alias, { from, name })
    }
    const [, kind, name] = head.exec(chunk) ?? []
    if (kind !== undefined && name !== undefined && !statements.has(name))
      statements.set(name, { file, name, kind: kind as Statement['kind'], doc, text: chunk.trimEnd() })
    doc = ''
  }
  const declarations = { statements, imported, handedOn }
  read.set(file, declarations)
  return declarations
}

const find = (file: string, name: string): Statement | undefined => {
  if (!existsSync(file)) return undefined
  const { statements, imported, handedOn } = readDeclarations(file)
  const passed = handedOn.get(name) ?? imported.get(name)
  return statements.get(name) ?? (passed === undefined ? undefined : find(passed.from, passed.name))
}

/** Names of entrances, as they are imported, with their built declarations. */
export const entrances: ReadonlyMap<string, string> = new Map(
  Object.entries(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly exports: object }).exports,
  ).flatMap(([path, entry]: readonly [string, string | { readonly types: string }]) =>
    typeof entry === 'string' ? [] : [[path.replace(/^\./, 'taskchain'), join(root, entry.types)] as const],
  ),
)

/** All that an entrance exports, by name. */
export const exportsOf = (entrance: string): readonly Exported[] => {
  const file = entrances.get(entrance) as string
  const { statements, handedOn } = readDeclarations(file)
  const own = [...statements.values()].filter(({ text }) => text.startsWith('export ')).map(({ name }) => name)
  return [...handedOn.keys(), ...own].toSorted().map((name) => ({ entrance, name, statement: find(file, name) }))
}

export const withoutComments = (text: string): string => text.replace(/\/\*\*[^]*?\*\//g, '').replace(/^\s*\n/gm, '')

const signatureOf = ({ text }: Statement): string =>
  withoutComments(text)
    .replace(/^(?:export )?(?:declare )?/, '')
    .replace(/^( +)/gm, (indent) => ' '.repeat(indent.length / 2))

/** The surface as a text for review: each name with its kind and signature, without comments. */
export const surface = (): string => {
  const within = new Set<Statement>()
  const parts = [...entrances.keys()].map((entrance) => {
    const exported = exportsOf(entrance)
    const lines = exported.map(({ name, statement }) => {
      if (statement === undefined) return `${name}: of another package`
      typesNamedBy(statement, within)
      return signatureOf(statement)
    })
    return `# ${entrance}: ${exported.length} names\n\n${lines.join('\n')}\n`
  })
  const steps = [...within].filter(({ text }) => !text.startsWith('export ')).map(signatureOf)
  return [...parts, `# not exported: steps of computing types above\n\n${steps.toSorted().join('\n')}\n`].join('\n')
}

/** Names in the head of a declaration, `<const Value, in Args extends …>`: they hide types of those names. */
const parametersOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/(?:[<,]\s*(?:const |in |out )*|infer )([A-Z]\w*)(?= extends\b|,|>| =)/g)].map(
      ([, name]) => name as string,
    ),
  )

/**
 * Types of the package that a signature names, with the statements that declare them. An alias that its module keeps to
 * itself counts as what it stands for: it is a step of computing a type, and the compiler writes out what it gives.
 */
export const typesNamedBy = (statement: Statement, seen = new Set<Statement>()): readonly Statement[] => {
  if (seen.has(statement)) return []
  seen.add(statement)
  const text = withoutComments(statement.text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  const hidden = parametersOf(text)
  const names = new Set([...text.matchAll(/(?<![.\w])([A-Z]\w*)(?!\w|\??:)/g)].map(([, name]) => name as string))
  return [...names].flatMap((name) => {
    const found = find(statement.file, name)
    if (found === undefined || found === statement) return []
    if (found.kind === 'type' && !found.text.startsWith('export ')) return typesNamedBy(found, seen)
    return hidden.has(name) && found.file !== statement.file ? [] : [found]
  })
}
