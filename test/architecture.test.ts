import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Layers and the directions in which they may import each other, read from the import statements. */

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src')

/** What each layer may import besides itself and what all may import. A layer is a folder of src, or a file of its own. */
const below: Readonly<Record<string, readonly string[]>> = {
  declare: [],
  config: ['declare'],
  plan: ['declare', 'config'],
  runtime: ['declare', 'config', 'plan'],
  data: ['declare', 'runtime/ports'],
  adapters: ['declare', 'config', 'plan', 'runtime'],
  helpers: [
    'declare',
    'plan',
    'runtime',
    'adapters/file-store/checksum',
    'adapters/file-store/file-system',
    'adapters/file-store/temporary-names',
  ],
  programs: ['declare', 'runtime'],
  planner: ['declare', 'config', 'plan', 'runtime', 'adapters'],
  'open-chain': ['declare', 'config', 'plan', 'runtime', 'adapters', 'planner'],
  testing: ['declare', 'config', 'plan', 'runtime', 'adapters', 'data', 'planner', 'open-chain'],
  workers: ['declare', 'config', 'plan', 'runtime', 'adapters'],
  inspect: ['declare', 'config', 'plan', 'runtime', 'adapters', 'planner', 'open-chain'],
  sweep: ['declare', 'config', 'plan', 'runtime', 'planner', 'open-chain'],
  store: ['runtime', 'adapters'],
  types: ['declare', 'plan', 'runtime', 'open-chain', 'sweep'],
  index: ['declare', 'runtime', 'planner', 'open-chain', 'sweep', 'types'],
  /** The page in the browser: the words it shares with its server, and nothing else. */
  page: ['ui/contract', 'ui/addresses'],
  ui: ['inspect', 'declare', 'config', 'plan', 'runtime', 'adapters', 'data', 'planner', 'open-chain', 'sweep'],
  mcp: [],
  lsp: ['inspect', 'declare', 'config', 'plan', 'runtime', 'adapters', 'planner', 'open-chain'],
  cli: [
    'ui',
    'lsp',
    'mcp',
    'inspect',
    'declare',
    'config',
    'plan',
    'runtime',
    'adapters',
    'data',
    'planner',
    'open-chain',
    'sweep',
    'index',
    'workers',
  ],
}
/** Importable from everywhere; of the rest they import types alone. */
const common = ['base', 'errors', 'explain']

/** Rooms of the runtime and what each may import of the others; whoever stands higher reads down, never up. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  'run-info': ['ports'],
  items: ['ports'],
  session: ['ports', 'run-info'],
  'code-drift': ['ports', 'run-info', 'session'],
  'task-run': ['ports', 'run-info', 'items', 'session', 'code-drift'],
  engine: ['ports', 'session', 'code-drift', 'task-run'],
  upkeep: ['ports', 'run-info', 'session'],
  chain: ['ports', 'run-info', 'session', 'code-drift', 'engine', 'upkeep'],
}

/** Packages of the pure layers: no files, no clock, no network. */
const pure: Readonly<Record<string, readonly string[]>> = {
  declare: ['fp-ts', 'io-ts'],
  config: ['fp-ts', 'io-ts', 'yaml', 'node:module'], // the last one to load yaml when a text needs it
  plan: ['fp-ts', 'io-ts', 'node:crypto'],
}

interface Import {
  readonly file: string
  readonly specifier: string
  /** Gone when compiled. */
  readonly typeOnly: boolean
  /** Loaded when it is needed. */
  readonly dynamic: boolean
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => name.split(sep).join('/'))
    .toSorted()

/** Code without comments and without the text of templates: files that `init` writes are no code of ours. Told apart token by token, since each may hold the marks of the others. */
const codeOf = (text: string): string => {
  const token =
    /\/\*[^]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?<=(?:[=(,:[!&|?{};>]|return)\s*)\/(?![*/])(?:[^\\/\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*|`|\{|\}|[^]/gy
  /** For each open template, the braces open inside its current `${}`; -1 while in its text. */
  const templates: number[] = []
  let code = ''
  while (token.lastIndex < text.length) {
    const braces = templates.at(-1)
    if (braces === -1) {
      const [part] = /^(?:\\[^]|\$\{|`|[^])/.exec(text.slice(token.lastIndex, token.lastIndex + 2)) as RegExpExecArray
      token.lastIndex += part.length
      if (part === '${') templates[templates.length - 1] = 0
      if (part === '`') templates.pop()
      continue
    }
    const [part] = token.exec(text) as RegExpExecArray
    if (part === '`') templates.push(-1)
    else if (part === '}' && braces === 0) templates[templates.length - 1] = -1
    else {
      if (braces !== undefined && (part === '{' || part === '}'))
        templates[templates.length - 1] = braces + (part === '{' ? 1 : -1)
      if (!part.startsWith('//') && !part.startsWith('/*')) code += part
    }
  }
  return code
}

const importsOf = (file: string, text: string): readonly Import[] => [
  ...[...text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)].map(
    ([statement, type, specifier]) => ({
      file,
      specifier: specifier as string,
      typeOnly:
        type !== undefined ||
        (/\{\s*type\s[^{}]*\}/.test(statement) &&
          ![...statement.matchAll(/[{,]\s*(\w+)/g)].some(([, word]) => word !== 'type')),
      dynamic: false,
    }),
  ),
  ...[...text.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => ({
    file,
    specifier: specifier as string,
    typeOnly: false,
    dynamic: true,
  })),
]

const files = filesBelow(source)
const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]))
const imports = files.flatMap((file) => importsOf(file, codeOf(texts.get(file) as string)))

const isOwn = ({ specifier }: Import): boolean => specifier.startsWith('.')
/** Path of an imported file of ours, below src and without extension. */
const targetOf = ({ file, specifier }: Import): string =>
  relative(source, join(source, dirname(file), specifier))
    .split(sep)
    .join('/')
    .replace(/\.js$/, '')
const layerOf = (path: string): string => path.replace(/\.tsx?$/, '').split('/')[0] as string
const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')

/** Whether one file may import another. */
const isAllowed = (from: string, to: string): boolean => {
  const [layer, target] = [layerOf(from), layerOf(to)]
  return (
    layer === target ||
    common.includes(target) ||
    (below[layer] ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`))
  )
}

test('imports of every form are seen, and nothing else', () => {
  const text = `import * as a from './a.js' // import './no1.js'
import type { B } from './b.js'
import { type C, type D } from './c.js'
import { type E, f } from './d.js'
import './e.js'
export { g } from './f.js'
export type * from './g.js'
import {
  h,
} from './h.js'
/* import './no2.js' */
const pattern = /['"\`]/.test('it\\'s // no comment'); const i = await import('./i.js')
const written = \`
import './no3.js'
\${[1].map((n) => { return \`\${n}
import './no4.js'\` })}
import './no5.js'\`
import k from 'k'
`
  const seen = importsOf('x.ts', codeOf(text)).map(
    ({ specifier, typeOnly, dynamic }) => `${specifier}${typeOnly ? ' type' : ''}${dynamic ? ' dynamic' : ''}`,
  )
  expect(seen).toEqual([
    './a.js',
    './b.js type',
    './c.js type',
    './d.js',
    './e.js',
    './f.js',
    './g.js type',
    './h.js',
    'k',
    './i.js dynamic',
  ])
})

describe('layers', () => {
  test('every file belongs to a layer', () => {
    expect([...new Set(files.map(layerOf))].filter((layer) => !(layer in below) && !common.includes(layer))).toEqual([])
  })

  test('imports go downwards', () => {
    const upward = imports
      .filter(isOwn)
      .filter((found) => !common.includes(layerOf(found.file)) && !isAllowed(found.file, targetOf(found)))
    expect(upward.map((found) => `${found.file} imports ${targetOf(found)}`)).toEqual([])
  })

  test('rooms of the runtime import each other one way, along at most 25 arrows', () => {
    const roomOf = (path: string): string => path.split('/')[1] as string
    const between = imports
      .filter((found) => isOwn(found) && layerOf(found.file) === 'runtime' && layerOf(targetOf(found)) === 'runtime')
      .filter((found) => roomOf(found.file) !== roomOf(targetOf(found)))
    expect(
      between
        .filter((found) => rooms[roomOf(found.file)]?.includes(roomOf(targetOf(found))) !== true)
        .map((found) => `${found.file} imports ${targetOf(found)}`),
    ).toEqual([])
    const arrows = Object.entries(rooms).flatMap(([from, to]) => to.map((room) => `${from} → ${room}`))
    expect(
      arrows.filter(
        (arrow) => !between.some((found) => arrow === `${roomOf(found.file)} → ${roomOf(targetOf(found))}`),
      ),
    ).toEqual([])
    expect(arrows.length).toBeLessThanOrEqual(25)
  })

  test('what all may import, imports nothing but itself and types', () => {
    const heavy = imports
      .filter(isOwn)
      .filter(
        (found) =>
          common.includes(layerOf(found.file)) && !common.includes(layerOf(targetOf(found))) && !found.typeOnly,
      )
    expect(heavy.map((found) => `${found.file} imports ${targetOf(found)}`)).toEqual([])
  })

  test('declare, config and plan import nothing that touches the outside', () => {
    const impure = imports.filter(
      (found) => !isOwn(found) && pure[layerOf(found.file)]?.includes(packageOf(found.specifier)) === false,
    )
    expect(impure.map((found) => `${found.file} imports ${found.specifier}`)).toEqual([])
  })

  test('declare, config and plan know no clock, no chance and no process', () => {
    const outside = /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|process\.|setTimeout|setInterval|console\.)/
    expect(files.filter((file) => layerOf(file) in pure && outside.test(codeOf(texts.get(file) as string)))).toEqual([])
  })

  test('only the command line prints', () => {
    expect(
      files.filter((file) => layerOf(file) !== 'cli' && /\bconsole\.\w+\(/.test(codeOf(texts.get(file) as string))),
    ).toEqual([])
  })
})

describe('files', () => {
  test('no two files need each other to be loaded', () => {
    expect(circlesIn(imports.filter((found) => isOwn(found) && !found.typeOnly && !found.dynamic))).toEqual([])
  })

  test('types of two files need each other only where the idea does', () => {
    const known = [
      ['declare/input', 'declare/task'], // a task has inputs, an input may be a task
    ]
    const unknown = circlesIn(imports.filter((found) => isOwn(found) && !found.dynamic)).filter(
      (circle) => !known.some((files) => files.join() === circle.join()),
    )
    expect(unknown).toEqual([])
  })

  test('imported files exist', () => {
    const known = new Set(
      [...files, ...readdirSync(source, { recursive: true, encoding: 'utf8' })].map((file) =>
        file
          .split(sep)
          .join('/')
          .replace(/(\.d)?\.tsx?$/, ''),
      ),
    )
    expect(
      imports
        .filter(isOwn)
        .filter((found) => !known.has(targetOf(found)))
        .map((found) => `${found.file}: ${found.specifier}`),
    ).toEqual([])
  })

  test('none is longer than 400 lines', () => {
    const long = [...texts].filter(([, text]) => text.split('\n').length - 1 > 400).map(([file]) => file)
    expect(long).toEqual([])
  })

  test('no line is wider than 120 columns, but in files that the command line writes for users', () => {
    const wide = [...texts].flatMap(([file, text]) =>
      file === 'cli/init-files.ts'
        ? []
        : text.split('\n').flatMap((line, index) => (line.length > 120 ? [`${file}:${index + 1}`] : [])),
    )
    expect(wide).toEqual([])
  })

  test('no folder holds more than 20', () => {
    const held = new Map<string, number>()
    for (const file of files) held.set(dirname(file), (held.get(dirname(file)) ?? 0) + 1)
    expect([...held].filter(([, count]) => count > 20)).toEqual([])
  })

  test('fp-ts and io-ts are imported as native ESM finds them', () => {
    const wrong = imports.filter(
      ({ specifier }) =>
        /^(fp-ts|io-ts)(\/|$)/.test(specifier) &&
        specifier !== 'io-ts' &&
        !/^(fp-ts|io-ts)\/lib\/\w+\.js$/.test(specifier),
    )
    expect(wrong.map((found) => `${found.file} imports ${found.specifier}`)).toEqual([])
  })

  test('own files are imported with their extension', () => {
    expect(
      imports
        .filter((found) => isOwn(found) && !found.specifier.endsWith('.js'))
        .map((found) => `${found.file}: ${found.specifier}`),
    ).toEqual([])
  })

  test('no list is spread into a call: it may be longer than the stack is deep', () => {
    const spread = /\.(?:push|unshift|splice|concat|max|min|fromCharCode|fromCodePoint)\((?:[^(){}[\]]*, )?\.\.\./
    expect([...texts].filter(([, text]) => spread.test(codeOf(text))).map(([file]) => file)).toEqual([])
  })

  test('nothing is exported by default', () => {
    expect([...texts].filter(([, text]) => /^export default\b/m.test(codeOf(text))).map(([file]) => file)).toEqual([])
  })
})

/** Groups of files that reach each other, each sorted: the strongly connected components of more than one file. */
function circlesIn(edges: readonly Import[]): readonly (readonly string[])[] {
  const next = new Map<string, Set<string>>()
  for (const found of edges) {
    const from = found.file.replace(/\.tsx?$/, '')
    next.set(from, (next.get(from) ?? new Set()).add(targetOf(found)))
  }
  const reachable = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>()
    const waiting = [...(next.get(start) ?? [])]
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue
      seen.add(file)
      waiting.push(...(next.get(file) ?? []))
    }
    return seen
  }
  const reached = new Map([...next.keys()].map((file) => [file, reachable(file)]))
  const groups = [...reached]
    .filter(([file, targets]) => targets.has(file))
    .map(([file, targets]) =>
      [...targets]
        .filter((other) => reached.get(other)?.has(file) === true)
        .toSorted()
        .join('\n'),
    )
  return [...new Set(groups)].toSorted().map((group) => group.split('\n'))
}

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
    readonly bin: Readonly<Record<string, string>>
    readonly dependencies: Readonly<Record<string, string>>
    readonly devDependencies: Readonly<Record<string, string>>
    readonly peerDependencies: Readonly<Record<string, string>>
    readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
  }

  test('exports an entry for each index.ts, and nothing else', () => {
    const entries = files.filter((file) => /^([\w-]+\/)?index\.ts$/.test(file)).map((file) => file.replace(/\.ts$/, ''))
    const expected = Object.fromEntries(
      entries.map((entry) => [
        entry === 'index' ? '.' : `./${dirname(entry)}`,
        { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` },
      ]),
    )
    expect(manifest.exports).toEqual({ ...expected, './package.json': './package.json' })
  })

  test('has its command in src/cli/main.ts', () => {
    expect(manifest.bin).toEqual({ taskchain: './dist/cli/main.js' })
    expect(files).toContain('cli/main.ts')
  })

  test('depends on what it imports', () => {
    const foreign = imports
      .filter((found) => !isOwn(found) && !found.specifier.startsWith('node:'))
      .map((found) => ({ ...found, name: packageOf(found.specifier) }))
    const builtIn = /madePart = .*/.exec(readFileSync('scripts/build.mjs', 'utf8'))?.[0] ?? ''
    const undeclared = foreign.filter(
      ({ file, name, dynamic, typeOnly }) =>
        !(name in manifest.dependencies) &&
        !((dynamic || typeOnly) && name in manifest.peerDependencies) &&
        !(['page', 'lsp', 'mcp'].includes(layerOf(file)) && name in manifest.devDependencies) && // bundled when the package is built
        !(layerOf(file) === 'cli' && name in manifest.devDependencies && builtIn.includes(name)),
    )
    expect(undeclared.map((found) => `${found.file} imports ${found.name}`)).toEqual([])
  })

  test('needs no peer: they are loaded when a format asks for them', () => {
    expect(
      Object.keys(manifest.peerDependencies).filter((name) => manifest.peerDependenciesMeta[name]?.optional !== true),
    ).toEqual([])
  })
})
