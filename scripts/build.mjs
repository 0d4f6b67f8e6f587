// Builds dist from src: declarations by the TypeScript compiler, code by rolldown into few files, which load faster
// than hundreds.
// Swaps folders at the end, so that a dist in use is never incomplete. `--plain`: one file per module, for tools that
// inspect the structure.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { buildPage } from './build-page.mjs'
import { thirdPartyLicenses } from './third-party-licenses.mjs'

/** Our own modules that tests and benchmarks run in plain Node processes, by path in dist. */
const called = ['test', 'bench'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => /\.m?ts$|\.mjs$/.test(name))
    .flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/\bdist\/([\w/-]+)\.js/g)].map(([, path]) => path),
    ),
)

/** Entry points, modules started by path, and modules called by path. */
const entries = [
  ...new Set([
    'index',
    ...readdirSync('src')
      .filter((name) => existsSync(`src/${name}/index.ts`))
      .map((name) => `${name}/index`),
    'cli/main',
    'workers/thread',
    'workers/item-thread',
    'workers/child',
    'lsp/server',
    'mcp/server',
    'lsp/project/process',
    'adapters/project/typescript/hooks-thread',
    'cli/commands/ui/ui-reader',
    ...called,
  ]),
].filter((name) => existsSync(`src/${name}.ts`))

/** Third-party packages bundled into dist, so that users do not install them. */
const madePart = /^(?:vscode-|@modelcontextprotocol\/|commander$|picocolors$|get-east-asian-width$|fp-ts\/)/

/** Node scans a CommonJS module for its exports; for this one that takes longer than running it. */
const either = fileURLToPath(import.meta.resolve('fp-ts/es6/Either.js'))

/** Names of the chunks loaded by every process; everything else is in chunks of its own. */
const loadedFirst = ['main', 'shared', 'start', 'core', 'compute', 'record', 'data']

/**
 * Turns arrow functions in the chunks loaded first into `function`: V8 parses an arrow function again for each function
 * around it, which is two fifths of the compile time of these files. Not in `programs`, where the source of a task's
 * function is its fingerprint.
 */
const withoutArrows = {
  name: 'without-arrows',
  renderChunk: async (code, { name }) =>
    loadedFirst.includes(name)
      ? (await transform(code, { format: 'esm', target: 'esnext', supported: { arrow: false } })).code
      : null,
}

const plain = process.argv.includes('--plain')
const fresh = `.build-${process.pid}`
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.build.json',
    '--checkers',
    '1',
    '--outDir',
    fresh,
    ...(plain ? [] : ['--emitDeclarationOnly']),
  ],
  { stdio: 'inherit' },
)
if (status !== 0) fail(status ?? 1)
try {
  const modules = [...(plain ? [] : await bundle()), ...(await buildPage(`${fresh}/page`))]
  writeFileSync(`${fresh}/THIRD-PARTY-LICENSES.txt`, thirdPartyLicenses(modules))
} catch (error) {
  console.error(error)
  fail(1)
}
chmodSync(`${fresh}/cli/main.js`, 0o755)
cpSync('src/programs/python', `${fresh}/programs/python`, {
  recursive: true,
  filter: (path) => !path.includes('__pycache__'),
})
cpSync('examples/templates', `${fresh}/templates`, {
  recursive: true,
  filter: (path) => !/(?:^|[/\\])data$/.test(path),
})
// the help of the whole command in the widths of pipes and of wide terminals, which `cli/main` prints without its parser
for (const columns of [80, 120]) {
  const width = `data:text/javascript,process.stdout.columns=${columns}`
  const { stdout, status } = spawnSync(process.execPath, ['--import', width, `${fresh}/cli/main.js`, '--help'])
  if (status !== 0) fail(1)
  writeFileSync(`${fresh}/cli/help-${columns}.txt`, stdout)
}
const old = `${fresh}-old`
if (existsSync('dist')) renameSync('dist', old)
renameSync(fresh, 'dist')
rmSync(old, { recursive: true, force: true })

async function bundle() {
  const { rolldown } = await import('rolldown')
  const [main, program, library, compute] = ['cli/main', 'cli/program', 'index', 'runtime/engine/make-unit'].map(
    closureOf,
  )
  const record = new Set(
    ['open-history', 'program-recorder'].flatMap((name) => [...closureOf(`adapters/history/${name}`)]),
  )
  const isShared = (path) => program.has(path) && (library.has(path) || record.has(path))
  const isIn = (id, wanted) => {
    const path = id.slice(id.lastIndexOf('/src/') + 1)
    return id.includes('/src/') && wanted(path)
  }
  const bundled = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
    platform: 'node',
    external: (id, importer = '') =>
      isBuiltin(id) || !(/^[./]/.test(id) || madePart.test(id) || importer.includes('/node_modules/')),
    resolve: { alias: { 'fp-ts/lib/Either.js': either } },
    treeshake: { moduleSideEffects: (id) => !id.includes('/fp-ts/') },
    plugins: [withoutArrows],
    checks: { ineffectiveDynamicImport: false }, // an entry point exports what a command imports on demand
  })
  const { output } = await bundled.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: false,
    codeSplitting: {
      groups: [
        { name: 'main', test: (id) => isIn(id, (path) => main.has(path)), priority: 4 },
        { name: 'asked-key', test: (id) => isIn(id, (path) => path.endsWith('/asked-key.ts')), priority: 4 }, // for plans
        { name: 'shared', test: (id) => isIn(id, isShared), priority: 3 },
        { name: 'start', test: (id) => isIn(id, (path) => program.has(path)), priority: 3 },
        { name: 'core', test: (id) => isIn(id, (path) => library.has(path)), priority: 2 },
        { name: 'compute', test: (id) => isIn(id, (path) => compute.has(path)), priority: 2 },
        { name: 'record', test: (id) => isIn(id, (path) => record.has(path)), priority: 1 },
        {
          name: 'data',
          test: (id) => isIn(id, (path) => /^src\/data\/(?!.*(?:parquet|draw-figure|hdf5))/.test(path)),
          priority: 1,
        },
      ],
    },
  })
  for (const { fileName } of output)
    if (loadedFirst.some((name) => fileName.startsWith(`chunks/${name}-`))) asciiOnly(join(fresh, fileName))
  await shrink()
  return output.flatMap((chunk) => chunk.moduleIds ?? [])
}

/**
 * Escapes all other characters, which are in texts and patterns only: with a single one beyond Latin-1, V8 keeps all of
 * a module in two bytes a character, and takes longer to decode and to parse it.
 */
function asciiOnly(file) {
  const code = readFileSync(file, 'utf8')
  const other = /[^\0-\x7f]/g
  if (/\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f]/.test(code)) throw new Error(`${file}: an escape would change a text`)
  writeFileSync(
    file,
    code.replace(other, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

/**
 * Reduces the install size: servers are minified with their libraries, and modules that cannot be imported ship no
 * types.
 */
async function shrink() {
  for (const file of ['lsp/server.js', 'mcp/server.js'].map((name) => join(fresh, name))) {
    const { code } = await transform(readFileSync(file, 'utf8'), { minify: true, format: 'esm', target: 'node20' })
    writeFileSync(file, code)
  }
  const types = (folder) =>
    readdirSync(join(fresh, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.d.ts') && !name.startsWith('templates'))
      .map((name) => join(fresh, folder, name))
  for (const room of ['cli', 'lsp', 'mcp', 'ui']) for (const file of types(room)) rmSync(file)
  const reached = typesFrom(entries.map((name) => join(fresh, `${name}.d.ts`)))
  for (const file of types('.')) if (!reached.has(file)) rmSync(file)
}

/** Declarations, and those that they reference. */
function typesFrom(roots) {
  const found = new Set()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path) || !existsSync(path)) continue
    found.add(path)
    for (const [, specifier] of readFileSync(path, 'utf8').matchAll(/(?:from|import|import\()\s*['"](\.[^'"]+)['"]/g))
      waiting.push(join(dirname(path), specifier.replace(/\.js$/, '.d.ts')))
  }
  return found
}

/** Files that a module imports statically, transitively: what `--help` has to load. */
function closureOf(name) {
  const found = new Set()
  const waiting = [`src/${name}.ts`]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    found.add(path)
    for (const [, what, specifier] of readFileSync(path, 'utf8').matchAll(
      /^(?:import|export) (type )?[^'"]*?from '(\.[^']+)'/gm,
    ))
      if (what === undefined) waiting.push(join(dirname(path), specifier.replace(/\.js$/, '.ts')))
  }
  if (entries.includes(name)) found.delete(`src/${name}.ts`)
  return found
}

function fail(code) {
  rmSync(fresh, { recursive: true, force: true })
  process.exit(code)
}
