import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../base/package-root.js'
import { isOfModules, type Surroundings } from './existing-package.js'
import type { Installer } from './installers.js'

/** The project that `init` writes: the files of a template, an example of this package, and those of all projects. */

export const templates = ['minimal', 'ml', 'llm'] as const
export type Template = (typeof templates)[number]

/** The commands suggested after a project was created. */
export const firstCommands: Readonly<Record<Template, string>> = {
  minimal: 'npx taskchain run poem counts --show',
  ml: 'npx taskchain run line metrics --show',
  llm: 'npx taskchain run small scores --show',
}

/** A file to write; `shared` ones often exist already and are then left alone. */
export interface NewFile {
  readonly path: string
  readonly text: string
  readonly shared: boolean
}

const schemaFile = 'taskchain.schema.json'

/** Names that the project's files use outside its tasks. */
export interface InitNames {
  readonly name: string
  readonly version: string
  readonly plans: string
  readonly around: Surroundings
}

/** All files of a new project. `name` is its package name, `version` the version of this library. */
export const initFiles = (
  own: readonly Omit<NewFile, 'shared'>[],
  { name, version, plans, around }: InitNames,
): readonly NewFile[] => [
  { path: 'package.json', text: packageText(name, version, plans), shared: true },
  { path: 'tsconfig.json', text: tsconfigText(isOfModules(around) ? 'nodenext' : 'preserve'), shared: true },
  { path: '.gitignore', text: 'node_modules/\ndata/tasks/\n', shared: true },
  ...(around.isBelowRepository
    ? []
    : [{ path: '.github/workflows/ci.yml', text: workflowText(around.installer), shared: true }]),
  ...own.map(({ path, text }) =>
    path === 'README.md' ? { path, text: text.replace('{{name}}', name), shared: true } : { path, text, shared: false },
  ),
]

/** The files of a template, with paths relative to it. */
export const readTemplate = async (template: Template): Promise<readonly Omit<NewFile, 'shared'>[]> => {
  const folder = join(packageRoot(), 'dist', 'templates', template)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    paths.toSorted().map(async (path) => ({
      path: path.slice(folder.length + 1).replaceAll('\\', '/'),
      text: await readFile(path, 'utf8'),
    })),
  )
}

/** A package name from a folder's name. */
export const packageNameOf = (folder: string): string =>
  folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '') || 'my-chain'

/** Scripts that are added to an existing package unless it has them. */
export const checkScripts: Readonly<Record<string, string>> = {
  test: 'vitest run',
  check: 'taskchain check --strict',
  'check-types': 'tsc --noEmit',
}

const scripts = (plans: string): Readonly<Record<string, string>> => ({
  plan: `taskchain plan ${plans}`,
  start: `taskchain run ${plans}`,
  ...checkScripts,
  schema: `taskchain schema -o ${schemaFile}`,
})

const packageText = (name: string, version: string, plans: string): string =>
  `${JSON.stringify(
    {
      name,
      version: '0.0.0',
      private: true,
      type: 'module',
      scripts: scripts(plans),
      dependencies: { 'fp-ts': '^2.16.11', 'io-ts': '^2.2.22', taskchain: `^${version}` },
      devDependencies: { '@types/node': '^20.19.0', typescript: '>=5.9', vitest: '^4.1.0' },
    },
    undefined,
    2,
  )}\n`

/** `preserve` lets modules use `import.meta` in a package without a `type`. */
const tsconfigText = (module: 'nodenext' | 'preserve'): string => `{
  "compilerOptions": {
    "target": "es2022",
    "lib": ["es2023"],
    "module": "${module}",
    "types": ["node"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["**/*.ts"]
}
`

const workflowText = ({ name, run, setUp }: Installer): string => `name: ci
on:
  push: { branches: [main] }
  pull_request: {}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
${setUp === undefined ? '' : `      - run: ${setUp}\n`}      - run: ${name} install
      - run: ${run} tsc --noEmit
      - run: ${run} taskchain check --strict --format github
      - run: ${run} vitest run
`
