import { initSchema } from './init-schema.js'

/** The project that `init` writes: one pipeline of two tasks over a poem, two configs that share one of them. */

/** A file to write; `shared` ones are often there already and are then left alone. */
export interface NewFile {
  readonly path: string
  readonly text: string
  readonly shared: boolean
}

const schemaFile = 'taskchain.schema.json'

/** All files of a new project. `name` is its package name, `version` that of this library. */
export const initFiles = (name: string, version: string): readonly NewFile[] => [
  { path: 'package.json', text: packageText(name, version), shared: true },
  { path: 'tsconfig.json', text: tsconfigText, shared: true },
  { path: '.gitignore', text: 'node_modules/\ndata/tasks/\n', shared: true },
  { path: 'README.md', text: readmeText(name), shared: true },
  { path: 'taskchain.config.ts', text: projectText, shared: false },
  { path: 'tasks/words.ts', text: tasksText, shared: false },
  { path: 'configs/poem.yaml', text: poemConfig, shared: false },
  { path: 'configs/long_words.yaml', text: longWordsConfig, shared: false },
  { path: schemaFile, text: initSchema(), shared: false },
  { path: 'texts/poem.txt', text: poemText, shared: false },
]

/** A package name from a folder's name. */
export const packageNameOf = (folder: string): string =>
  folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '') || 'my-chain'

const packageText = (name: string, version: string): string =>
  `${JSON.stringify(
    {
      name,
      version: '0.0.0',
      private: true,
      type: 'module',
      scripts: {
        plan: 'taskchain plan poem',
        start: 'taskchain run poem',
        schema: `taskchain schema -o ${schemaFile}`,
        'check-types': 'tsc',
      },
      dependencies: { 'fp-ts': '^2.16.11', 'io-ts': '^2.2.22', taskchain: `^${version}` },
      devDependencies: { '@types/node': '^20.0.0', typescript: '>=5.9' },
    },
    undefined,
    2,
  )}\n`

const tsconfigText = `{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  }
}
`

const projectText = `import { join } from 'node:path'
import { defineProject } from 'taskchain'
import * as words from './tasks/words.js'

export default defineProject({
  root: import.meta.dirname,
  pipelines: { words },
  globals: { TEXTS: join(import.meta.dirname, 'texts') },
})
`

const tasksText = `import { readFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { defineTask, file, param } from 'taskchain'

/** The words of a text in lower case, in order: the task \`words:all_words\`. */
export const allWords = defineTask({
  params: { sourceFile: param(file, { doc: 'the text to count' }) }, // read from \`source_file\` in the config; computed again when the text changes
  data: t.array(t.string),
}).run(async ({ sourceFile }, { log }) => {
  const text = await readFile(sourceFile, 'utf8')
  const words = text.toLowerCase().match(/\\p{L}+/gu) ?? []
  log.info(\`\${words.length} words in \${sourceFile}\`)
  return [...words]
})

interface Count {
  readonly word: string
  readonly count: number
}
const Count: t.Type<Count> = t.type({ word: t.string, count: t.number }, 'Count')

/** How often the most frequent words occur: the task \`words:counts\`. */
export const counts = defineTask({
  inputs: { allWords },
  params: {
    minLength: param(t.number, { default: 1, doc: 'shorter words are left out' }),
    top: param(t.number, { default: 10, doc: 'how many words to list' }),
  },
  data: t.array(Count),
}).run(({ allWords, minLength, top }, { note }) => {
  const counted = new Map<string, number>()
  for (const word of allWords) if (word.length >= minLength) counted.set(word, (counted.get(word) ?? 0) + 1)
  note({ different: counted.size })
  return [...counted].map(([word, count]) => ({ word, count })).sort((left, right) => right.count - left.count || (left.word < right.word ? -1 : 1)).slice(0, top)
})
`

/** Relative to `configs/`. */
const modeline = `# yaml-language-server: $schema=../${schemaFile}\n`

const poemConfig = `${modeline}tasks: words.*
source_file: "{TEXTS}/poem.txt"
top: 5
`

const longWordsConfig = `${modeline}# shares words:all_words with poem.yaml: same values, same key, computed once
tasks: words.*
source_file: "{TEXTS}/poem.txt"
min_length: 5
`

const poemText = `Hope is the thing with feathers
That perches in the soul,
And sings the tune without the words,
And never stops at all,

And sweetest in the gale is heard;
And sore must be the storm
That could abash the little bird
That kept so many warm.

I've heard it in the chillest land,
And on the strangest sea;
Yet, never, in extremity,
It asked a crumb of me.
`

const readmeText = (name: string): string => `# ${name}

\`\`\`sh
npm install
npx taskchain plan poem                       # what would run
npx taskchain run poem counts --show          # computes, keeps, shows
npx taskchain run poem                        # again: 0 computed
npx taskchain run long_words counts --show    # other parameters: only what depends on them runs
npx taskchain tasks poem
\`\`\`

- \`tasks/\` has the tasks, \`taskchain.config.ts\` puts them together, \`configs/\` has their parameters.
- Editors complete names in configs and underline mistakes by \`${schemaFile}\`; \`npx taskchain schema -o ${schemaFile}\` writes it anew after tasks have changed.
- \`npx tsc\` checks all types.
- Results are kept in \`data/tasks\`, each under a key of its parameters and inputs.
`
