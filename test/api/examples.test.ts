// Every `@example` of what the package exports is true: compiled against the built package, then run.
// A line `expression // => value` is checked. An example that begins with `// not run: reason` is compiled alone.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { entrances, exportsOf } from './surface.js'

const root = resolve(import.meta.dirname, '../..')

interface Example {
  readonly name: string
  readonly file: string
  readonly text: string
}

const plain = (comment: string): string => comment.replace(/^\s*\/?\*+\/? ?/gm, '')

/** Examples of names and of their members. */
const examples = (): readonly Example[] => {
  const found: Example[] = []
  const seen = new Set<unknown>()
  for (const { name, statement } of [...entrances.keys()].flatMap(exportsOf)) {
    if (statement === undefined || seen.has(statement)) continue
    seen.add(statement)
    const comments = [statement.doc, ...[...statement.text.matchAll(/\/\*\*[^]*?\*\//g)].map(([text]) => plain(text))]
    for (const comment of comments)
      for (const part of comment.split(/^@example\b/m).slice(1))
        found.push({ name, file: `${name}-${found.length}`, text: (part.split(/^@\w/m)[0] as string).trim() })
  }
  return found
}

/** What an example may use without saying where it comes from: exports of the package, and of `world.ts`. */
const sources = (): ReadonlyMap<string, string> =>
  new Map([
    ...[...entrances.keys()]
      .toReversed() // what two entrances export is taken from the first
      .flatMap((entrance) =>
        exportsOf(entrance).map(({ name, statement }): readonly [string, string] => [
          name,
          `import { ${statement !== undefined && ['interface', 'type'].includes(statement.kind) ? 'type ' : ''}${name} } from '${entrance}'`,
        ]),
      ),
    ...[
      'Movie',
      'movie',
      'allMovies',
      'filtered',
      'counted',
      'testMetrics',
      'project',
      'documents',
      'planned',
      'chain',
    ].map((name): readonly [string, string] => [name, `import { ${name} } from './world.js'`]),
    ...['readFileSync', 'writeFileSync'].map((name): readonly [string, string] => [
      name,
      `import { ${name} } from 'node:fs'`,
    ]),
    ...['readFile', 'readdir', 'writeFile'].map((name): readonly [string, string] => [
      name,
      `import { ${name} } from 'node:fs/promises'`,
    ]),
    ['join', "import { join } from 'node:path'"],
    ['pipe', "import { pipe } from 'fp-ts/lib/function.js'"],
    ['E', "import * as E from 'fp-ts/lib/Either.js'"],
    ['t', "import * as t from 'io-ts'"],
  ])

const declared = (text: string): ReadonlySet<string> =>
  new Set(
    [
      ...text.matchAll(/^(?:export )?(?:const|let|interface|type|function) (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))/gm),
    ].flatMap(([, fields, items, name]) => (name ?? fields ?? items ?? '').split(',').map((one) => one.trim())),
  )

/** `expression // => value`, where the expression may have begun some lines above. */
const checked = (text: string): string => {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const [, last, value] = /^(.*?)\s+\/\/ => (.*)$/.exec(line) ?? []
    if (last === undefined) {
      lines.push(line)
      continue
    }
    let from = lines.length
    if (/^[})\]]/.test(last)) while (from > 0 && /^[\s})\]]/.test(lines[--from] as string));
    const expression = [...lines.splice(from), last].join('\n').replace(/^;/, '')
    lines.push(`assert.deepEqual(${expression}, ${value as string})`)
  }
  return lines.join('\n')
}

const moduleOf = ({ text }: Example, known: ReadonlyMap<string, string>): string => {
  const own = declared(text)
  const body = text.replace(/\/\/.*$/gm, (comment) => (comment.startsWith('// =>') ? comment : ''))
  const used = new Set([...body.matchAll(/(?<![.\w'`])[A-Za-z]\w*/g)].map(([word]) => word))
  const imports = [...used].filter((word) => known.has(word) && !own.has(word)).map((word) => known.get(word))
  return ["import assert from 'node:assert/strict'", ...imports, checked(text), 'export {}', ''].join('\n')
}

describe('examples', () => {
  let folder = ''
  let found: readonly Example[] = []
  beforeAll(() => {
    builtOnce()
    folder = mkdtempSync(join(root, '.examples-')) // inside the repository, so that 'taskchain' is this package
    cpSync(join(import.meta.dirname, 'world'), folder, { recursive: true })
    found = examples()
    const known = sources()
    for (const example of found) writeFileSync(join(folder, `${example.file}.ts`), moduleOf(example, known))
    mkdirSync(join(folder, 'data'))
  })
  afterAll(() => {
    if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true })
  })

  test('compile', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../tsconfig.json',
        compilerOptions: { noEmit: false, declaration: false, rootDir: '.', outDir: '.', noUnusedLocals: false },
        include: ['*.ts'],
        exclude: [],
      }),
    )
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--checkers', '1', '--pretty', 'false'],
      { encoding: 'utf8' },
    )
    expect(stdout).toBe('')
  })

  test('run, and give what they say', () => {
    const runnable = found.filter(({ text }) => !text.startsWith('// not run: '))
    expect(runnable.length).toBeGreaterThan(70)
    writeFileSync(
      join(folder, 'main.mjs'),
      `const failed = []
for (const file of ${JSON.stringify(runnable.map(({ file }) => file))})
  await import('./' + file + '.js').catch((cause) => failed.push(file + ': ' + (cause.stack ?? cause)))
process.stderr.write(failed.join('\\n'))
process.exit(0)
`,
    )
    const { stderr } = spawnSync(process.execPath, ['main.mjs'], { cwd: folder, encoding: 'utf8' })
    expect(stderr).toBe('')
  })
})
