// The types of the package under every supported compiler, including the declarations of the package and its
// dependencies: templates, the README's tour and the guide.
import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ended, root, write, type Check, type Site } from './site.js'

/** 5.9 and 6 are JavaScript, 7 is native. */
const compilers = ['5.9', '6', '7'] as const

const checkedBy = (version: string, resolution: 'nodenext' | 'bundler', short: boolean): Check => ({
  name: `types: TypeScript ${version}, ${resolution}, without skipLibCheck, on templates, README and guide`,
  short,
  run: async (site) => {
    const folder = await samples(site)
    const compiler = await site.tool([`typescript@${version}`], 'typescript/lib/tsc.js')
    const { output } = await ended(folder, process.execPath, [compiler, '-p', `tsconfig.${resolution}.json`])
    assert.ok(output.trim() === '', output)
  },
})

export const typeChecks: readonly Check[] = compilers.flatMap((version) => [
  checkedBy(version, 'nodenext', version !== '6'),
  checkedBy(version, 'bundler', false),
])

/** Templates, README and guide as files, a folder per page, in the consumer's `node_modules`. */
export const samples = async (site: Site): Promise<string> => {
  const folder = join(await site.consumer(), 'samples')
  for (const template of readdirSync(join(root, 'examples/templates')))
    cpSync(join(root, 'examples/templates', template), join(folder, `template-${template}`), { recursive: true })
  for (const page of pages())
    write(join(folder, page.name), { 'package.json': '{ "type": "module" }', ...page.files })
  const options = {
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    declaration: true, // checks that every type can be named
    emitDeclarationOnly: true,
    outDir: '../declarations',
  }
  write(folder, {
    'package.json': '{ "type": "module" }',
    'tsconfig.nodenext.json': JSON.stringify({ compilerOptions: { ...options, module: 'nodenext' }, include: ['*/**/*.ts'] }),
    'tsconfig.bundler.json': JSON.stringify({
      compilerOptions: { ...options, module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true },
      include: ['*/**/*.ts'],
    }),
  })
  return folder
}

/** Pages about other packages. */
const needsMore = /'(?:arquero|cbor-x)'/

/** The code files on the README and the pages of the guide, for pages that contain TypeScript. */
const pages = (): readonly { readonly name: string; readonly files: Readonly<Record<string, string>> }[] =>
  ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)]
    .filter((name) => name.endsWith('.md') && !name.startsWith('docs/reference/'))
    .map((name) => ({
      name: name.replace(/\.md$/, '').replaceAll('/', '-'),
      files: Object.fromEntries(
        [...readFileSync(join(root, name), 'utf8').matchAll(/^```\w+ file=(\S+)\n([^]*?)^```$/gm)].map(
          ([, file = '', text = '']) => [file, text],
        ),
      ),
    }))
    .filter(({ files }) => Object.keys(files).some((file) => file.endsWith('.ts')) && !needsMore.test(Object.values(files).join()))
