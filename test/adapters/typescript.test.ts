// Projects in TypeScript, loaded by plain Node through the built package, each in a process of its own.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'

const root = join(import.meta.dirname, '../..')
const folders: string[] = []
beforeAll(builtOnce, 120_000)
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const project = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain typescript-'))
  folders.push(folder)
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['taskchain', 'esbuild', 'io-ts', 'fp-ts'])
    symlinkSync(name === 'taskchain' ? root : join(root, 'node_modules', name), join(folder, 'node_modules', name))
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Loads a project's file and prints what its `globals` say, or why it cannot be loaded. */
const loaded = (folder: string): { readonly globals?: unknown; readonly problem?: string; readonly err: string } => {
  const program = `
    import { loadProject } from ${JSON.stringify(pathToFileURL(join(root, 'dist/adapters/project/project-file.js')).href)}
    const { project } = await loadProject(${JSON.stringify(folder)}).catch((error) => ({ project: { problem: String(error.message) } }))
    const { globals = {}, problem } = project
    console.log(JSON.stringify({ globals: typeof globals.made === 'function' ? await globals.made() : globals, problem }))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: tmpdir(),
    encoding: 'utf8',
  })
  return { ...(JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as object), err: stderr }
}

const config = (imports: string, globals: string): string =>
  `import { defineProject } from 'taskchain'\n${imports}\nexport default defineProject({ pipelines: {}, globals: ${globals} })\n`

describe('a project in TypeScript', () => {
  test('names its files as they are, as they will be compiled, without endings, or by folder', () => {
    const folder = project({
      'taskchain.config.ts': config(
        "import { a } from './a.ts'\nimport { b } from './b.js'\nimport { c } from './c'\nimport { d } from './d'\nimport e from './e.json'\nimport { f } from './f.mjs'",
        '{ a, b, c, d, e: e.value, f }',
      ),
      'a.ts': 'export const a: number = 1',
      'b.ts': 'export const b = 2 satisfies number',
      'c.ts': 'export const c = <T,>(x: T): T => x\nexport interface Unused { readonly c: string }',
      'd/index.ts': 'export const d = 4 as const',
      'e.json': '{ "value": 5 }',
      'f.mts': 'export const f = 6 as number',
    })
    writeFileSync(join(folder, 'c.ts'), 'export const c = ((x: number): number => x)(3)')
    expect(loaded(folder)).toMatchObject({ globals: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 } })
  })

  test('imports types without saying so, and those it does not use', () => {
    const folder = project({
      'taskchain.config.ts': config(
        "import { type One, Row, rows } from './rows.js'\nimport { Row as Other } from './rows.js'\nconst all: readonly Row[] = rows as readonly Other[] & One[]",
        '{ rows: all.length }',
      ),
      'rows.ts':
        'export interface Row { readonly id: number }\nexport type One = Row\nexport const rows: Row[] = [{ id: 1 }]',
    })
    expect(loaded(folder)).toMatchObject({ globals: { rows: 1 } })
  })

  test('has enums, parameter properties and namespaces, and decorators where esbuild is there', () => {
    const files = {
      'taskchain.config.ts': config(
        "import { Colour, Point } from './enums.js'\nimport { Named } from './decorated.js'",
        '{ colour: Colour.green, x: new Point(3).x, names: Named.names }',
      ),
      'enums.ts':
        'export enum Colour { red, green }\nexport class Point { constructor(readonly x: number) {} }\nexport namespace Space { export const size = 1 }',
      'decorated.ts':
        'const note = (_: unknown, context: ClassMethodDecoratorContext): void => void names.push(String(context.name))\nconst names: string[] = []\nexport class Named { static names = names\n  @note method(): void {} }',
    }
    expect(loaded(project(files))).toMatchObject({ globals: { colour: 1, x: 3, names: ['method'] } })
    const without = project(files)
    rmSync(join(without, 'node_modules/esbuild'))
    expect(loaded(without).problem).toContain(
      'decorated.ts: there is syntax in it that is not only types (a decorator, perhaps): install esbuild',
    )
  })

  test('follows the paths of its own tsconfig.json, also one that it extends', () => {
    const folder = project({
      'taskchain.config.ts': config("import { own } from '@own/number.js'\nimport { far } from 'far'", '{ own, far }'),
      'own/number.ts': 'export const own: number = 7',
      'lib/far.ts': 'export const far: number = 8',
      'tsconfig.json': '{ "extends": "./base.json" /* a comment */ }',
      'base.json': '{ "compilerOptions": { "paths": { "@own/*": ["./own/*"], "far": ["./lib/far.ts"] } } }',
    })
    expect(loaded(folder)).toMatchObject({ globals: { own: 7, far: 8 } })
  })

  test('is of a package that says nothing of modules, and speaks of __dirname and require', () => {
    const folder = project({
      'package.json': '{}',
      'taskchain.config.ts': config("import { place } from './place'", '{ place, os: typeof require("node:os").EOL }'),
      'place.ts':
        "import { basename } from 'node:path'\nexport const place: string = basename(__dirname) + basename(__filename)",
    })
    expect(loaded(folder).globals).toMatchObject({ os: 'string', place: expect.stringMatching(/place\.ts$/) as string })
  })

  test('tells of a slip in the syntax by file, line and column, and of a throw by line and column of the source', () => {
    const slip = loaded(
      project({
        'taskchain.config.ts': config("import { a } from './a.js'", '{ a }'),
        'a.ts': 'export const b = 1\nexport const a: = 1',
      }),
    )
    expect(slip.problem).toMatch(/a\.ts:2:17: Unexpected token/)
    const thrown = project({
      'taskchain.config.ts': config(
        "import { fail, failLate } from './fail.js'",
        '{ made: () => [fail(), failLate()] }',
      ),
      'fail.ts':
        "interface Deep {\n  readonly a: number\n}\nexport const fail = (): string => { const deep: Deep = { a: 1 }; return new Error(String(deep.a)).stack ?? '' }\nexport { failLate } from './late.ts'",
      'late.ts':
        "enum Kind { one }\n\nexport const failLate = (): string =>\n  new Error(String(Kind.one)).stack ?? ''",
    })
    const [plain, mapped] = loaded(thrown).globals as readonly string[]
    expect(plain).toMatch(/fail\.ts:4:73/)
    expect(mapped).toMatch(/late\.ts:4:3/)
  })

  test('leaves out imports of types beside a default, among comments, and between lines that must not become one', () => {
    const folder = project({
      'taskchain.config.ts': config(
        "import one, * as all from './m.js'\nimport { a /* , */, b } from './m.js'\nimport { late } from './late.js'\ntype T = typeof all | typeof a",
        '{ one, b, late: late() }',
      ),
      'm.ts': 'export default 1\nexport const a = 2, b = 3',
      'late.ts': "export const late = () => 4\nimport { T } from './types.js'\n(late as T)()",
      'types.ts': 'export type T = () => number',
    })
    expect(loaded(folder)).toMatchObject({ globals: { one: 1, b: 3, late: 4 } })
  })

  test('is a module or CommonJS by its package and its syntax, not by words in comments, texts or other fields', () => {
    const files = {
      'taskchain.config.ts': `#!/usr/bin/env node\n${config(
        "import { a } from './a'\nimport b from './b'\nimport './c'\nconst os = require('node:os')",
        '{ a, b, c: (globalThis as { c?: number }).c, os: typeof os.EOL }',
      )}`,
      'a.ts': '/* one line */ export const a: number = 1',
      'b.ts': '/*\n  import things\n*/\nconst text: string = `\nexport x\n`\nmodule.exports = text.length',
      'c.ts': ';(globalThis as { c?: number }).c = await Promise.resolve(3)',
    }
    expect(loaded(project({ ...files, 'package.json': '{}' }))).toMatchObject({ globals: { a: 1, b: 10, c: 3 } })
    const typed = project({
      'package.json': '{ "repository": { "type": "git" }, "type": "module" }',
      'taskchain.config.ts': config("import './c.js'", '{ c: (globalThis as { c?: number }).c }'),
      'c.ts': '(globalThis as { c?: number }).c = 4\nexport {}\nawait 0',
    })
    expect(loaded(typed)).toMatchObject({ globals: { c: 4 } })
  })

  test('requires TypeScript and JSON, and so do its packages, under names that no URL could have', () => {
    const folder = project({
      'package.json': '{ "type": "commonjs" }',
      'taskchain.config.ts': config(
        "import fromPackage from 'some-package'",
        "{ fromPackage, a: require('./a#b ü?.cts').a, b: require('./50%').b, c: require('./c.json').c }",
      ),
      'a#b ü?.cts': 'exports.a = 1 as number',
      '50%.ts': 'export const b: number = 2',
      'c.json': '{ "c": 3 }',
      'node_modules/some-package/package.json': '{ "main": "main.js", "version": "1.2.3" }',
      'node_modules/some-package/main.js': "module.exports = require('./package.json').version",
    })
    expect(loaded(folder)).toMatchObject({ globals: { fromPackage: '1.2.3', a: 1, b: 2, c: 3 } })
  })

  test('loads more of itself while it runs', () => {
    const folder = project({
      'taskchain.config.ts': config('', "{ made: async () => (await import(`./la${'ter'}.js`)).later }"),
      'later.ts': 'export const later: number = 9',
    })
    expect(loaded(folder)).toMatchObject({ globals: 9 })
  })
})

describe('what was stripped before', () => {
  const entries = (folder: string): readonly string[] => {
    const cache = join(folder, 'node_modules/.cache/taskchain/stripped')
    return existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : []
  }
  const simple = (): string =>
    project({
      'taskchain.config.ts': config("import { a } from './a.ts'", '{ a }'),
      'a.ts': 'export const a: number = 1',
    })

  test('is one file a source, which is replaced when that changes', () => {
    const folder = simple()
    expect(loaded(folder)).toMatchObject({ globals: { a: 1 } })
    expect(entries(folder)).toHaveLength(2)
    writeFileSync(join(folder, 'a.ts'), 'export const a: number = 2')
    expect(loaded(folder)).toMatchObject({ globals: { a: 2 } })
    expect(entries(folder)).toHaveLength(2)
  })

  test('is made again where it is torn, flipped or a folder, and not needed where it cannot be kept', () => {
    const folder = simple()
    loaded(folder)
    for (const path of entries(folder)) writeFileSync(path, readFileSync(path, 'utf8').slice(0, -70).replace('1', '3'))
    expect(loaded(folder)).toMatchObject({ globals: { a: 1 } })
    for (const path of entries(folder)) writeFileSync(path, readFileSync(path, 'utf8').replace('= 1', '= 5'))
    expect(loaded(folder)).toMatchObject({ globals: { a: 1 } })
    for (const path of entries(folder)) {
      rmSync(path)
      mkdirSync(path)
    }
    expect(loaded(folder)).toMatchObject({ globals: { a: 1 } })
    rmSync(join(folder, 'node_modules/.cache'), { recursive: true, force: true })
    writeFileSync(join(folder, 'node_modules/.cache'), 'a file')
    expect(loaded(folder)).toMatchObject({ globals: { a: 1 } })
  })
})
